/** A contract is checked before anybody is asked to sign it. */

import { describe, expect, test } from '@jest/globals';

import { personActor } from '../../src/certra/request.js';
import type { Contract } from '../../src/certra/request.js';
import { parseSsin } from '../../src/ids/ssin.js';
import { checkContract, subjectOf, textFor } from '../../src/lifecycle/applicant-contract.js';
import { formatRfc2253 } from '../../src/x509/name.js';

const ssin = parseSsin('79021599732');
const DN =
  'CN=SSIN\\=79021599732,OU=eHealth-platform Belgium,OU=JEAN EXEMPLE,OU=SSIN\\=79021599732,O=Federal Government,C=BE';
const contract = (changes: Partial<Contract> = {}): Contract => ({
  dn: DN,
  signer: personActor({ ssin, firstNames: 'Jean', lastName: 'Exemple' }),
  texts: [
    { language: 'fr', html: '<p>Contrat</p>' },
    { language: 'nl', html: '<p>Contract</p>' },
  ],
  ...changes,
});

describe('checkContract', () => {
  test('gives the subject and readable texts', () => {
    const { subject, texts } = checkContract(contract(), ssin);
    expect(formatRfc2253(subject)).toBe(DN.replaceAll('\\', ''));
    expect(texts).toEqual([
      { language: 'fr', text: 'Contrat' },
      { language: 'nl', text: 'Contract' },
    ]);
  });

  test('reads a name whose equals signs are not escaped the same way', () => {
    expect(subjectOf(DN.replaceAll('\\', '')).der).toEqual(subjectOf(DN).der);
  });

  test.each<[string, Partial<Contract>]>([
    ['for another signer', { signer: personActor({ ssin: parseSsin('85061199814'), firstNames: 'M', lastName: 'V' }) }],
    ['for a signer without number', { signer: { ids: [], firstNames: [], name: 'X' } }],
    ['for a signer by another kind of number', { signer: { ids: [{ type: 'NIHII', id: ssin }], firstNames: [], name: 'X' } }],
    ['for another subject', { dn: DN.replaceAll('79021599732', '85061199814') }],
    ['for an organisation', { dn: DN.replaceAll('SSIN\\=79021599732', 'NIHII-GROUP\\=94499180') }],
    ['for an eID-like subject', { dn: `${DN},serialNumber=79021599732` }],
    ['without a holder', { dn: 'CN=x,C=BE' }],
    ['with a name that is none', { dn: 'hello' }],
    ['with an empty name', { dn: '' }],
    ['whose text is empty', { texts: [{ language: 'fr', html: '<p> </p>' }] }],
    ['one of whose texts is a script alone', { texts: [...contract().texts, { language: 'de', html: '<script>x</script>' }] }],
  ])('refuses one %s', (_, changes) => {
    expect(() => checkContract(contract(changes), ssin)).toThrow(
      expect.objectContaining({ code: 'E_REPLY_INVALID' }),
    );
  }); // prettier-ignore

  test('shows the wanted language, else French, else what there is', () => {
    const { texts } = checkContract(contract(), ssin);
    expect(textFor(texts, 'nl')?.text).toBe('Contract');
    expect(textFor(texts, 'de')?.text).toBe('Contrat');
    expect(textFor([{ language: 'en', text: 'x' }], 'de')?.text).toBe('x');
  });
});
