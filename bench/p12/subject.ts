/** What bench/p12 measures, bundled as the product is. */

export { keystoreDecrypters, keystoreSigner, openKeystore } from '../../src/keystore/keystore.js';
