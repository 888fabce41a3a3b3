/**
 * The official schemas, where they can be found: `--schemas DIR`, else `../shared/schemas` beside the
 * package. Each is compiled at its first use. Without the folder the schema checks are skipped, and the
 * exchange says so.
 *
 * @module
 */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { ParseOption, XmlDocument, XsdValidator } from 'libxml2-wasm';
import type { XmlElement } from 'libxml2-wasm';
import { xmlRegisterFsInputProviders } from 'libxml2-wasm/lib/nodejs.mjs';

import {
  AUTHORIZATION,
  CERTRA,
  EHBOX,
  EHBOX_PUBLICATION,
  ENCRYPTED,
  ETKDEPOT,
  ETKRA,
  GENASYNC,
  GENINS,
  KGSS,
  MDA_EXTENSION,
  MEMBERDATA,
  SAML2P,
  SAMLP,
  SOA_ERRORS,
  WST,
} from './names.js';
import { firstLine } from './xml-read.js';

const FILES: Readonly<Record<string, string>> = {
  [CERTRA]: 'ra/ehealth-etee/XSD/ehealth-certra-schema-protocol-2_0.xsd',
  [ETKRA]: 'ra/ehealth-etee/XSD/ehealth-etkra-schema-protocol-2_0.xsd',
  [ETKDEPOT]: 'etee/ehealth-etkdepot-schema-protocol-1_0.xsd',
  [KGSS]: 'etee/ehealth-etee-kgss-schema-protocol-1_2.xsd',
  [SAMLP]: 'sts/oasis-sstc-saml-schema-protocol-1.1.xsd',
  [WST]: 'sts/ws-trust-1.3-errata-cd-01.xsd',
  [AUTHORIZATION]: 'sts/ws-authorization-1.2.xsd',
  [EHBOX]: 'ehbox/ehealth-ehBox-consultation-schema-protocol-3_0.xsd',
  [EHBOX_PUBLICATION]: 'ehbox/ehealth-ehBox-publication-schema-protocol-3_0.xsd',
  [MEMBERDATA]: 'mycarenet/memberdata/mycarenet-memberdata-protocol-1_0.xsd',
  [ENCRYPTED]: 'mycarenet/encrypted/businessContent.xsd',
  [GENINS]: 'mycarenet/genins/ehealth-genins-protocol-1_1.xsd',
  // The newer schema holds the older one; what a mailbox of that one must not have, its service says.
  [GENASYNC]: 'mycarenet/genasync/GenericAsync-V3.xsd',
  [MDA_EXTENSION]: 'mycarenet/saml/Extensions.xsd',
  [SAML2P]: 'mycarenet/saml/Extensions.xsd',
  [SOA_ERRORS]: 'sts/ehealth-errors-schema-soa-1_0.xsd',
};

/** What the KGSS seals is of the same namespace, but of a schema of its own. */
const INNER_KGSS = 'etee/ehealth-etee-kgss-schema-inner-protocol-1_2.xsd';

/** `undefined` = valid; else the first complaint. `'unknown'` = no schema for that namespace. */
export type SchemaVerdict = {
  readonly state: 'ok' | 'skipped' | 'failed';
  readonly detail?: string;
};

export interface Schemas {
  /** Whether the official schemas were found. */
  readonly found: boolean;
  /** Validates an element by the schema of its namespace. */
  validate(element: XmlElement): SchemaVerdict;
}

/** @param folder The first one that exists is used; with none, every check is skipped. */
export function openSchemas(folders: readonly (string | undefined)[]): Schemas {
  const folder = folders.find(
    (path): path is string => path !== undefined && existsSync(join(path, FILES[SAMLP] ?? '')),
  );
  if (folder === undefined) {
    return {
      found: false,
      validate: () => ({ state: 'skipped', detail: 'the official schemas were not found' }),
    };
  }
  const compiled = new Map<string, XsdValidator>();
  return {
    found: true,
    validate: (element) => {
      const file =
        element.namespaceUri === KGSS && element.name.endsWith('Content')
          ? INNER_KGSS
          : FILES[element.namespaceUri];
      if (file === undefined) {
        return { state: 'skipped', detail: `no schema for ${element.namespaceUri}` };
      }
      let validator = compiled.get(file);
      if (validator === undefined) {
        validator = compile(join(folder, file));
        compiled.set(file, validator);
      }
      try {
        validator.validate(element);
        return { state: 'ok' };
      } catch (error) {
        return { state: 'failed', detail: firstLine(error) };
      }
    },
  };
}

function compile(path: string): XsdValidator {
  xmlRegisterFsInputProviders();
  const document = XmlDocument.fromBuffer(readFileSync(path), {
    url: path,
    option: ParseOption.XML_PARSE_NONET,
  });
  try {
    return XsdValidator.fromDoc(document);
  } finally {
    document.dispose();
  }
}
