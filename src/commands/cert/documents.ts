/**
 * The JSON shapes that several commands of this group share (cli-ux §4).
 *
 * @module
 */

import { seconds } from '../../cli/text.js';
import type { CertificateInfo } from '../../certra/reply.js';
import type { RequestRecord } from '../../lifecycle/request-record.js';

/** `request{…}`. */
export const requestDocument = ({
  id,
  state,
  as,
  submittedAt,
  email,
  automaticallyValidated,
  refusal,
  logOn,
  applicationId,
  holder,
  revocation,
}: RequestRecord): Readonly<Record<string, unknown>> => ({
  id,
  state,
  as,
  ...(submittedAt === undefined ? {} : { submittedAt: seconds(new Date(submittedAt)) }),
  ...(email === undefined ? {} : { email }),
  ...(automaticallyValidated === undefined ? {} : { automaticallyValidated }),
  ...(as === 'organisation'
    ? { holder: { ...holder, ...(applicationId === undefined ? {} : { applicationId }) } }
    : {}),
  ...(logOn === undefined
    ? {}
    : { logOn: { url: logOn.url, expiresAt: seconds(new Date(logOn.expiresAt)) } }),
  ...(revocation === undefined ? {} : { revokedAt: seconds(new Date(revocation.at)) }),
  ...(refusal === undefined ? {} : { refusal }),
});

/** `certificate{…}`: what eHealth has on its books. */
export const certificateDocument = (info: CertificateInfo): Readonly<Record<string, unknown>> => {
  const { id, status, etkStatus, holder, applicationId, certificate, replaceableFrom } = info;
  const [who] = holder.ids;
  return {
    id,
    status,
    etkStatus,
    holder: {
      type: who?.type ?? '',
      id: who?.id.trim() ?? '',
      name: [...holder.firstNames, holder.name].join(' ').trim(),
      ...(applicationId === undefined ? {} : { applicationId }),
    },
    requestedAt: seconds(info.requestedAt),
    automaticallyValidated: info.automaticallyValidated,
    revocable: info.revocable,
    replaceable: info.replaceable,
    ...(replaceableFrom === undefined ? {} : { replaceableFrom: seconds(replaceableFrom) }),
    ...(certificate === undefined
      ? {}
      : {
          serial: certificate.serial,
          subject: certificate.dn,
          notBefore: seconds(certificate.notBefore),
          notAfter: seconds(certificate.notAfter),
        }),
  };
};

/** The first digits, as people see a request. */
export const shortId = (id: string): string => id.slice(0, 8);
