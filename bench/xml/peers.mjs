/** The peers: xmlsec1 (libxml2 and OpenSSL, in C) and xml-crypto (xmldom, in JavaScript). */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { SignedXml } from 'xml-crypto';

import { runProgram } from '../support/measure.mjs';

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const IDS = [
  ['--id-attr:Id', `${SOAP}:Body`],
  ['--id-attr:Id', `${OASIS}utility-1.0.xsd:Timestamp`],
  ['--id-attr:Id', `${OASIS}secext-1.0.xsd:BinarySecurityToken`],
].flat();
const SECURITY = '/*/*[local-name()="Header"]/*[local-name()="Security"]';
const PARTS = [
  '/*/*[local-name()="Body"]',
  `${SECURITY}/*[local-name()="Timestamp"]`,
  `${SECURITY}/*[local-name()="BinarySecurityToken"]`,
];

/** The message as it was before it was signed: values empty, or without any signature. */
const emptied = (xml) =>
  xml
    .replace(/(<ds:(?:Digest|Signature)Value>)[^<]*/g, '$1')
    .replace(/<ds:KeyInfo>.*?<\/ds:KeyInfo>/, '');
const unsigned = (xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/, '');

/**
 * Signs and verifies one message many times with xmlsec1.
 *
 * @returns what it takes per time: by the clock (reading and writing included), and by its own count of the
 *   processor (reading left out).
 */
export async function xmlsec1(folder, name, xml, { keyFile, certificateFile }, repeat) {
  const signedFile = join(folder, `${name}-signed.xml`);
  const emptyFile = join(folder, `${name}-empty.xml`);
  await writeFile(signedFile, xml);
  await writeFile(emptyFile, emptied(xml));
  const time =
    (...args) =>
    async () => {
      const before = performance.now();
      const { stderr } = await runProgram('sh', [
        '-c',
        'exec xmlsec1 "$@" 2>&1 >/dev/null',
        'sh',
        ...args,
      ]).then(({ stdout }) => ({ stderr: stdout }));
      const wallMs = (performance.now() - before) / repeat;
      const ownMs = Number(/Executed \d+ tests in ([\d.]+) msec/.exec(stderr)?.[1]) / repeat;
      return { wallMs, ownMs };
    };
  const often = ['--repeat', String(repeat)];
  return {
    sign: time('--sign', ...often, '--privkey-pem', keyFile, ...IDS, emptyFile),
    verify: time(
      '--verify',
      ...often,
      '--pubkey-cert-pem',
      certificateFile,
      '--enabled-key-data',
      'x509',
      ...IDS,
      signedFile,
    ),
  };
}

/** The same with xml-crypto. */
export function xmlCrypto(xml, { keyPem, certificatePem }) {
  const plain = unsigned(xml);
  const signature = /<ds:Signature .*<\/ds:Signature>/.exec(xml)[0];
  return {
    sign: () => {
      const signer = new SignedXml({
        idMode: 'wssecurity',
        privateKey: keyPem,
        signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        canonicalizationAlgorithm: EXCLUSIVE,
      });
      for (const xpath of PARTS) {
        signer.addReference({ xpath, transforms: [EXCLUSIVE], digestAlgorithm: SHA256 });
      }
      signer.computeSignature(plain, {
        prefix: 'ds',
        location: { reference: SECURITY, action: 'append' },
      });
      return signer.getSignedXml();
    },
    verify: () => {
      const judge = new SignedXml({ idMode: 'wssecurity', publicCert: certificatePem });
      judge.loadSignature(signature);
      if (!judge.checkSignature(xml)) {
        throw new Error('xml-crypto refuses the message');
      }
    },
  };
}
