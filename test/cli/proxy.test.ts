/** Which proxy a command line goes through, host by host. */

import { describe, expect, test } from '@jest/globals';

import { proxyRule } from '../../src/cli/proxy.js';

const EHEALTH = 'https://services.ehealth.fgov.be/EtkDepot/v1';
const Q = { HTTPS_PROXY: 'http://q:2' };

describe('the proxy', () => {
  test.each([
    ['of the profile', 'prod', 'http://p:1', Q, 'http://p:1'],
    ['of the profile, whatever the environment excludes', 'prod', 'http://p:1', { ...Q, NO_PROXY: '*' }, 'http://p:1'],
    ['of the environment', 'prod', undefined, Q, 'http://q:2'],
    ['in small letters', 'acc', undefined, { https_proxy: 'http://q:2' }, 'http://q:2'],
    ['none', 'prod', undefined, {}, undefined],
    ['none when the variable is empty', 'prod', undefined, { HTTPS_PROXY: '' }, undefined],
    ['never for plain HTTP', 'prod', undefined, { HTTP_PROXY: 'http://q:2' }, undefined],
    ['never for the sandbox', 'sandbox', 'http://p:1', Q, undefined],
  ] as const)('%s', (_, environment, proxy, env, expected) => {
    const rule = proxyRule({ environment, ...(proxy === undefined ? {} : { proxy }) }, env);
    expect(rule(new URL(EHEALTH))).toBe(expected);
  }); // prettier-ignore

  const direct = (noProxy: string, url: string, name = 'NO_PROXY'): boolean =>
    proxyRule({ environment: 'prod' }, { ...Q, [name]: noProxy })(new URL(url)) === undefined;

  test.each([
    ['*', EHEALTH, true],
    ['services.ehealth.fgov.be', EHEALTH, true],
    ['SERVICES.ehealth.FGOV.be', EHEALTH, true],
    ['x.test, .fgov.be', EHEALTH, true],
    ['x.test *.fgov.be', EHEALTH, true],
    ['fgov.be', EHEALTH, true],
    ['health.fgov.be', EHEALTH, false],
    ['x.test', EHEALTH, false],
    ['.', EHEALTH, false],
    [',', EHEALTH, false],
    ['fgov.be:443', EHEALTH, true],
    ['fgov.be:9443', EHEALTH, false],
    ['mycarenet.be:9443', 'https://pilot.mycarenet.be:9443/a', true],
    ['ehealth.fgov.be', 'https://prod.mycarenet.be/a', false],
    ['10.0.0.0/8', 'https://10.1.2.3/a', true],
    ['10.0.0.0/8', 'https://11.1.2.3/a', false],
    ['10.0.0.0/8', EHEALTH, false],
    ['10.0.0.0/99', 'https://10.1.2.3/a', false],
    ['fd00::/8', 'https://[fd00::1]/a', true],
    ['::1', 'https://[::1]/a', true],
    ['127.0.0.1', 'https://127.0.0.1:8443/a', true],
  ])('NO_PROXY=%j and %s: direct %s', (noProxy, url, expected) => {
    expect(direct(noProxy, url)).toBe(expected);
    expect(direct(noProxy, url, 'no_proxy')).toBe(expected);
  });

  test('that is no URL is a matter of configuration, and is not repeated', () => {
    const make = () => proxyRule({ environment: 'prod' }, { HTTPS_PROXY: 'jean:hidden@proxy' });
    expect(make).not.toThrow();
    expect(() => proxyRule({ environment: 'prod' }, { HTTPS_PROXY: 'not a url' })).toThrow(
      expect.objectContaining({ code: 'E_PROFILE_INVALID', message: 'HTTPS_PROXY is not a URL' }),
    );
  });
});
