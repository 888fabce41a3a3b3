/** Envelopes of a given size, shared by the stub and by the program that sends without making any XML. */

const SOAP = 'http://schemas.xmlsoap.org/soap/envelope/';

/** Small elements up to about so many bytes. */
export const records = (bytes) =>
  Array.from(
    { length: Math.max(1, Math.round(bytes / 60)) },
    (_, index) => `<b:Record Id="r${index}">value ${1_000_000 + index} of a record</b:Record>`,
  ).join('');

export const envelope = (bytes) =>
  `<soap:Envelope xmlns:soap="${SOAP}"><soap:Header/><soap:Body><b:Answer xmlns:b="urn:bench">${records(bytes)}</b:Answer></soap:Body></soap:Envelope>`;
