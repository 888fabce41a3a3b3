/**
 * Sessions of every kind of user that the fact sheet lists, by both protocols, with the eID and by the
 * fallback. What is asked is compared with the sheet byte for byte; libxml2 with the official schemas judges
 * every message.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';

import type { EidCard } from '../../src/eid/card.js';
import type { Signer } from '../../src/keys/keys.js';
import { readProfile } from '../../src/profile/profile.js';
import { openSession } from '../../src/sts/open-session.js';
import type { OpenSessionRequest } from '../../src/sts/open-session.js';
import { QUALITIES, qualityOfType } from '../../src/sts/qualities.js';
import type { Session } from '../../src/sts/session.js';
import { pin } from '../lifecycle/world.js';
import { hasProgram, hasShared, SHARED } from '../support/tools.js';
import { openSeat } from './seat.js';
import type { Seat } from './seat.js';

interface Listed {
  readonly value: string;
  readonly attributes: readonly { namespace: string; name: string; value?: string }[];
  readonly designators: readonly { namespace: string; name: string }[];
}

const CERTIFIED = 'urn:be:fgov:certified-namespace:ehealth';
const DOCTOR = '79021599732';
const STRANGER = '85061199814';
const SERVICE = 'genins & others';

/** Type and number in the certificate of each organisation. */
const ORGANISATIONS: Readonly<Record<string, readonly [type: string, id: string]>> = {
  medicalhouse: ['NIHII-MEDICAL_HOUSE', '89547133'],
  guardpost: ['NIHII-GUARD_POST', '85123417'],
  sortingcenter: ['NIHII-SORTING_CENTER', '82345611'],
  officedoctors: ['NIHII-OFFICE_DOCTORS', '93345612'],
  groupofnurses: ['NIHII-GROUP', '94499180'],
  reeducation: ['NIHII-REEDUCATION', '77345613'],
  enterprise: ['CBE', '0406798006'],
  ehp: ['EHP', '1990000035'],
  hospital: ['NIHII-HOSPITAL', '71022212'],
  retirement: ['NIHII-RETIREMENT', '76345614'],
  pharmacy: ['NIHII-PHARMACY', '27345615'],
};

const users: Readonly<Record<string, Listed>> = hasShared()
  ? (
      JSON.parse(readFileSync(join(SHARED, 'facts/sts-attributes.json'), 'utf8')) as {
        users: Record<string, Listed>;
      }
    ).users
  : {};
const names = Object.keys(users);

let seat: Seat;
let urls: Readonly<Record<OpenSessionRequest['protocol'], string>>;
let keystores: ReadonlyMap<string, Signer>;
let doctor: Signer;
let stranger: Signer;
let card: EidCard;
let cardKey: Signer;

/** With small counts, each protocol in the way that is harder for it. */
const waysOf = (protocol: OpenSessionRequest['protocol']): readonly Session['via'][] =>
  process.env['TOPAZ_DEEP'] === '1'
    ? ['keystore', 'eid']
    : [protocol === 'saml' ? 'keystore' : 'eid'];

const keystoreFor = (quality: string): Signer => keystores.get(quality) ?? doctor;

const ask = (quality: string, request: Partial<OpenSessionRequest> = {}): Promise<Session> => {
  const { protocol = 'wstrust' } = request;
  return openSession(
    {
      protocol,
      via: 'keystore',
      authentication: keystoreFor(quality),
      holderOfKey: keystoreFor(quality),
      quality,
      serviceName: quality === 'mandate' ? SERVICE : undefined,
      environment: 'sandbox',
      trusted: seat.trusted,
      ...request,
    },
    { ...seat.context, url: urls[protocol] },
  );
};

beforeAll(async () => {
  seat = await openSeat('stsWsTrust');
  const { endpoints } = await readProfile(seat.world.paths, 'sandbox');
  urls = { saml: endpoints.stsSaml11 ?? '', wstrust: endpoints.stsWsTrust ?? '' };
  const rows = Object.values(ORGANISATIONS).map(([type, id]) => ({ type, id, name: `Exemple ${type}` })); // prettier-ignore
  const persons = names.filter((name) => ORGANISATIONS[name] === undefined);
  const document = {
    schema: 'topaz.sandbox.seed/1',
    persons: [
      {
        ssin: DOCTOR,
        firstName: 'Jean',
        lastName: 'Exemple',
        qualities: persons.map((quality) => ({ quality, nihii: '19547181004' })),
        mandates: rows.map(({ type, id }) => ({ type, id })),
      },
      { ssin: STRANGER, firstName: 'Marie', lastName: 'Voorbeeld' },
    ],
    organisations: rows,
  };
  await seat.world.control('seed', { document });
  [doctor, stranger] = await Promise.all([
    seat.keystoreOf(`SSIN=${DOCTOR}`),
    seat.keystoreOf(`SSIN=${STRANGER}`),
  ]);
  keystores = new Map(
    await Promise.all(
      Object.entries(ORGANISATIONS).map(async ([name, [type, id]]): Promise<[string, Signer]> => [
        name,
        await seat.keystoreOf(`${type}=${id}`),
      ]),
    ),
  );
  card = await seat.world.openCard(await seat.world.makeCard('doctor', { key: 'ec' }));
  cardKey = await card.authenticationSigner(pin);
}, 60_000);
afterAll(async () => {
  await card.close();
  await seat.world.close();
});
beforeEach(async () => {
  await seat.world.control('fail', { clear: true });
  await seat.exchanges();
});

/** Claims of the sheet with the values of this holder. */
function claimsOf(
  quality: string,
): readonly (readonly [name: string, uri: string, value: string])[] {
  const id = ORGANISATIONS[quality]?.[1] ?? DOCTOR;
  return (users[quality]?.attributes ?? []).map(({ name, namespace, value }) => [
    name,
    namespace,
    value === undefined ? id : SERVICE.replace('&', '&amp;'),
  ]);
}

/** The part of a SAML 1.1 request that says what is claimed and asked for. */
function expectedSaml(quality: string): readonly string[] {
  const claims = claimsOf(quality).map(
    ([name, uri, value]) =>
      `<saml:Attribute AttributeName="${name}" AttributeNamespace="${uri}"><saml:AttributeValue>${value}</saml:AttributeValue></saml:Attribute>`,
  );
  const asked = (users[quality]?.designators ?? []).map(
    ({ name, namespace }) =>
      `<saml:AttributeDesignator AttributeName="${name}" AttributeNamespace="${namespace}"/>`,
  );
  return [
    `</saml:NameIdentifier></saml:Subject>${claims.join('')}</saml:AttributeStatement>`,
    `</saml:SubjectConfirmation></saml:Subject>${asked.join('')}</samlp:AttributeQuery>`,
  ];
}

/** The same for WS-Trust: no namespaces, no name twice. */
function expectedWsTrust(quality: string): readonly string[] {
  const claims = claimsOf(quality);
  const claimed = new Set(claims.map(([name]) => name));
  const asked = new Set(
    (users[quality]?.designators ?? [])
      .filter(({ name, namespace }) => namespace === CERTIFIED && !claimed.has(name))
      .map(({ name }) => name),
  );
  const types = [
    ...claims.map(
      ([name, , value]) =>
        `<auth:ClaimType Uri="${name}"><auth:Value>${value}</auth:Value></auth:ClaimType>`,
    ),
    ...[...asked].map((name) => `<auth:ClaimType Uri="${name}"/>`),
  ];
  return [`authclaims">${types.join('')}</wst:Claims>`];
}

(hasShared() ? describe : describe.skip)('every kind of user', () => {
  const files: Record<OpenSessionRequest['protocol'], string[]> = { saml: [], wstrust: [] };

  describe.each(['saml', 'wstrust'] as const)('by %s', (protocol) => {
    const expected = protocol === 'saml' ? expectedSaml : expectedWsTrust;

    test.each(names)('%s: asks what the sheet says, with card and keystore, and gets it', async (quality) => {
      for (const via of waysOf(protocol)) {
        const more = via === 'eid' ? { authentication: cardKey } : {};
        const session = await ask(quality, { protocol, via, ...more });
        expect(session).toMatchObject({ via, holder: { quality } });
        const seen = await seat.exchanges();
        expect(seen).toHaveLength(protocol === 'wstrust' && via === 'eid' ? 2 : 1);
        const path = seen[0]?.path ?? '';
        const request = await readFile(`${path}.request.body`, 'utf8');
        const plain = request.replaceAll(/ xmlns(?::\w+)?="[^"]*"/g, '');
        for (const part of expected(quality)) {
          expect(plain).toContain(part);
        }
        for (const { path: each, checks } of seen) {
          files[protocol].push(`${each}.request.body`, `${each}.response.body`);
          expect(checks.filter(({ state }) => state !== 'ok')).toEqual([]);
        }
        const certified = session.attributes.filter(({ namespace }) => namespace === CERTIFIED);
        const recognised = certified.find(({ name }) => /:boolean$|:nihii11$/.test(name));
        expect(recognised?.values.join()).toMatch(/^(?:true|\d{11})$/);
      }
    }); // prettier-ignore

    const some =
      protocol === 'saml' || process.env['TOPAZ_DEEP'] === '1' ? names : names.slice(0, 3);

    test.each(some)('%s: is refused where eHealth does not certify it', async (quality) => {
      await seat.world.control('fail', { target: 'sts', kind: 'not-certified' });
      const refused: unknown = await ask(quality, { protocol }).catch((error: unknown) => error);
      expect(refused).toMatchObject({ code: 'E_STS_REFUSED' });
      const { details } = refused as { details: { notCertified: readonly string[] } };
      const listed = (users[quality]?.designators ?? []).map(({ name }) => name);
      expect(details.notCertified.length).toBeGreaterThan(0);
      expect(listed).toEqual(expect.arrayContaining([...details.notCertified]));
    });

    test.each(
      (protocol === 'wstrust' ? names : names.slice(0, 8)).filter(
        (name) => ORGANISATIONS[name] === undefined,
      ),
    )('%s: is refused to a person who is none', async (quality) => {
      const key = { authentication: stranger, holderOfKey: stranger };
      await expect(ask(quality, { protocol, ...key })).rejects.toMatchObject({
        code: 'E_STS_REFUSED',
      });
    });
  });

  test.each(names)('%s: is not even asked for with a certificate of another type', async (quality) => {
    const isPerson = ORGANISATIONS[quality] === undefined;
    const other = isPerson ? keystoreFor('hospital') : doctor;
    const key = { authentication: other, holderOfKey: other };
    await expect(ask(quality, key)).rejects.toMatchObject({ code: 'E_USAGE' });
    expect(await seat.exchanges()).toEqual([]);
  }); // prettier-ignore

  test.each(Object.entries(ORGANISATIONS))('%s: follows from the certificate', (quality, [type]) => {
    expect(qualityOfType(type)).toBe(quality);
  }); // prettier-ignore

  (hasProgram('xmllint') ? test : test.skip)('every message is valid by the official schemas', async () => {
    for (const [protocol, schemas] of [
      ['saml', ['oasis-sstc-saml-schema-protocol-1.1.xsd']],
      ['wstrust', ['ws-trust-1.3-errata-cd-01.xsd', 'ws-authorization-1.2.xsd', 'oasis-sstc-saml-schema-assertion-1.1.xsd']],
    ] as const) {
      const folder = seat.world.path(`judged-${protocol}`);
      await mkdir(folder);
      const imports = schemas.map((name) => {
        const file = join(SHARED, 'schemas/sts', name);
        const uri = / targetNamespace="([^"]+)"/.exec(readFileSync(file, 'utf8').replace(/\s+/g, ' '))?.[1] ?? '';
        return `<xs:import namespace="${uri}" schemaLocation="${file}"/>`;
      });
      const schema = join(folder, 'all.xsd');
      await writeFile(schema, `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">${imports.join('')}</xs:schema>`);
      const parts = await Promise.all(
        files[protocol].map(async (file, at) => {
          const payload = /<(\w+):Body[^>]*>([\s\S]*)<\/\1:Body>/.exec(await readFile(file, 'utf8'))?.[2] ?? '';
          const part = join(folder, `${at}.xml`);
          await writeFile(part, payload);
          return part;
        }),
      );
      expect(parts.length).toBeGreaterThanOrEqual(names.length * 2);
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...parts], { stdio: 'pipe' });
    }
  }); // prettier-ignore
});

describe('a mandate', () => {
  test('without the name of its service is not asked for', async () => {
    for (const serviceName of [undefined, '']) {
      await expect(ask('mandate', { serviceName })).rejects.toMatchObject({
        code: 'E_INPUT_REQUIRED',
        hint: expect.stringContaining('--service-name') as unknown,
      });
    }
    expect(await seat.exchanges()).toEqual([]);
  });

  test('has a claim with the service, and no other quality has', () => {
    const withService = Object.entries(QUALITIES).filter(([, { attributes }]) =>
      attributes.some(({ name }) => name.endsWith('servicename:external')),
    );
    expect(withService.map(([name]) => name)).toEqual(['mandate']);
  });
});
