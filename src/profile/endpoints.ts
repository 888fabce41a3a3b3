/**
 * Where the services are, per environment. A URL stands here only when a source gives it; where none does,
 * the command stops and names the key to set: nothing is guessed (design §2, decision 1).
 *
 * Sources: certificate-lifecycle §2 (certra, etkra, etkdepot), etee §5 (kgss), sts-session §1, ehealthbox §1,
 * mycarenet §2 and §9.
 *
 * @module
 */

import { TopazError } from '../errors.js';
import { checkPlace } from './endpoint-rules.js';
import type { Environment } from './environment.js';
import type { Profile, ServiceEndpoint } from './profile.js';

const PATHS: Readonly<Record<ServiceEndpoint, string>> = {
  certra: '/CertRa/v2',
  etkra: '/EtkRa/v2',
  etkdepot: '/EtkDepot/v1',
  kgss: '/Kgss/v1',
  stsSaml11: '/IAM/Saml11TokenService/v1',
  stsWsTrust: '/IAM/SecurityTokenService/v1',
  ehboxConsultation: '/ehBoxConsultation/v3',
  ehboxPublication: '/ehBoxPublication/v3',
  memberdata: '/MyCareNet/MemberData/v1',
  genins: '/GenericInsurability/v1',
};

const HOSTS = {
  int: 'https://services-int.ehealth.fgov.be',
  acc: 'https://services-acpt.ehealth.fgov.be',
  prod: 'https://services.ehealth.fgov.be',
} as const;

/** The services whose address in the integration environment was seen. */
const SEEN_IN_INT: readonly ServiceEndpoint[] = ['stsSaml11', 'stsWsTrust', 'genins'];

/** The built-in URL of a service, or `undefined` where no source gives one. */
export function builtInEndpoint(
  environment: Environment,
  service: ServiceEndpoint,
): string | undefined {
  if (environment === 'sandbox' || (environment === 'int' && !SEEN_IN_INT.includes(service))) {
    return undefined;
  }
  return `${HOSTS[environment]}${PATHS[service]}`;
}

/**
 * The URL of a service for this profile: its own, else the built-in one of its environment.
 *
 * @throws TopazError `E_ENDPOINT_UNKNOWN` that names the key to set; `E_ENVIRONMENT_MISMATCH` for a URL that
 *   does not belong to the environment; `E_PROFILE_INVALID` for one without TLS.
 */
export function endpoint(profile: Profile, service: ServiceEndpoint): string {
  const { environment, endpoints } = profile;
  const key = `endpoints.${service}`;
  const url = endpoints[service] ?? builtInEndpoint(environment, service);
  if (url === undefined) {
    throw new TopazError(
      'E_ENDPOINT_UNKNOWN',
      `the address of ${service} in the environment ${environment} is not known`,
      {
        facts: [`profile "${profile.name}"`],
        hint:
          environment === 'sandbox'
            ? `topaz sandbox start, or: topaz profile set ${key} URL`
            : `topaz profile set ${key} URL`,
        details: { key },
      },
    );
  }
  checkPlace(url, key, environment);
  return url;
}
