/**
 * The conversation with a native PKCS#11 module: everything that calls pkcs11js, all of it blocking, in the
 * one process that owns the module. At most one session is open.
 *
 * Traps it knows (eid-pkcs11 §5, §16): searches are closed in `finally`; attributes are asked one by one;
 * `C_Sign` gets a large buffer; handles are never kept between operations; closing errors are ignored.
 *
 * @module
 */

import type { Handle, Mechanism, PKCS11, SlotInfo, Template } from 'pkcs11js';

import { CKA, CKF_SESSION, CKF_TOKEN_PRESENT, CKM, CKO, CKU } from '../constants.js';
import type { DataObject, ModuleInfo, Slot, TokenInfo } from '../module.js';
import type { Operations, Provision } from './protocol.js';

const SIGNATURE_BYTES = 1024;
const PAGE = 64;
/** `CK_PARAMS_RSA_PSS` of the binding and `CKG_MGF1_SHA256`. */
const PSS = { type: 5, hashAlg: CKM.SHA256, mgf: 2, saltLen: 32 };

const slotNumber = (slot: Handle): number => slot.readUInt32LE(0);

/** Runs what may fail without consequence: logging out and closing. */
function attempt(work: () => void): void {
  try {
    work();
  } catch {
    // The card may be gone; there is nothing left to clean then.
  }
}

/** The PIN as the string the binding wants, made at the last moment; the bytes are wiped. */
function takePin(pin: Uint8Array): string {
  const text = Buffer.from(pin.buffer, pin.byteOffset, pin.byteLength).toString('latin1');
  pin.fill(0);
  return text;
}

/** Talks to one module. Make it after `load`, forget it after `finalize`. */
export class Conversation {
  readonly #p11: PKCS11;
  #slots: readonly Handle[] = [];
  #session: Handle | undefined;

  constructor(p11: PKCS11) {
    this.#p11 = p11;
  }

  /** `load` and `C_Initialize`. */
  load({ path }: Operations['load']['args']): ModuleInfo {
    this.#p11.load(path);
    this.#p11.C_Initialize();
    const info = this.#p11.C_GetInfo();
    return {
      manufacturer: info.manufacturerID.trim(),
      description: info.libraryDescription.trim(),
      version: { major: info.libraryVersion.major, minor: info.libraryVersion.minor },
    };
  }

  slots(): readonly Slot[] {
    this.#slots = this.#p11.C_GetSlotList(false);
    return this.#slots.map((handle) => {
      const id = slotNumber(handle);
      let info: SlotInfo;
      try {
        info = this.#p11.C_GetSlotInfo(handle);
      } catch (error) {
        // Quirk: OpenSC cannot name the reader of a card that another program uses alone.
        return { id, reader: `slot ${String(id)}`, token: undefined, problem: codeOf(error) };
      }
      const slot = { id, reader: info.slotDescription.trim() };
      // Quirk: OpenSC may describe the card that was there before; the slot's own flag is right.
      if ((info.flags & CKF_TOKEN_PRESENT) === 0 && !this.#mayHideToken(handle)) {
        return { ...slot, token: undefined, problem: 0xe0 };
      }
      try {
        return { ...slot, token: this.#token(handle), problem: undefined };
      } catch (error) {
        return { ...slot, token: undefined, problem: codeOf(error) };
      }
    });
  }

  /** Quirk: the middleware shows no TOKEN_PRESENT for a card it does not know; its token info says which. */
  #mayHideToken(handle: Handle): boolean {
    try {
      this.#p11.C_GetTokenInfo(handle);
      return false;
    } catch (error) {
      return codeOf(error) === 0xe1;
    }
  }

  open({ slot }: Operations['open']['args']): Operations['open']['result'] {
    this.closeSession();
    const handle = this.#slots.find((each) => slotNumber(each) === slot);
    if (handle === undefined) {
      throw new SlotGoneError();
    }
    const token = this.#token(handle);
    const mechanisms = this.#p11.C_GetMechanismList(handle);
    this.#session = this.#p11.C_OpenSession(handle, CKF_SESSION.SERIAL);
    return { token, mechanisms };
  }

  certificate({ label }: Operations['certificate']['args']): Uint8Array | undefined {
    const [handle] = this.#find([
      { type: CKA.CLASS, value: CKO.CERTIFICATE },
      { type: CKA.LABEL, value: label },
    ]);
    return handle === undefined ? undefined : this.#attribute(handle, CKA.VALUE);
  }

  data({ group }: Operations['data']['args']): readonly DataObject[] {
    // Class and object id together: the middleware then reads one file, not the whole card.
    const handles = this.#find([
      { type: CKA.CLASS, value: CKO.DATA },
      { type: CKA.OBJECT_ID, value: Buffer.from(group) },
    ]);
    const found = new Map<string, Uint8Array>();
    for (const handle of handles) {
      const label = this.#attribute(handle, CKA.LABEL);
      const value = this.#attribute(handle, CKA.VALUE);
      const name = label === undefined ? '' : Buffer.from(label).toString('utf8').trim();
      // Quirk: the middleware may list an object several times; the first one counts.
      if (value !== undefined && !found.has(name)) {
        found.set(name, value);
      }
    }
    return [...found].map(([label, value]) => ({ label, value }));
  }

  login({ pin }: Operations['login']['args']): void {
    this.#p11.C_Login(this.#open(), CKU.USER, takePin(pin));
  }

  logout(): void {
    this.#p11.C_Logout(this.#open());
  }

  sign({ label, mechanism, data, pin }: Operations['sign']['args']): Uint8Array | undefined {
    const session = this.#open();
    const [key] = this.#find([
      { type: CKA.CLASS, value: CKO.PRIVATE_KEY },
      { type: CKA.LABEL, value: label },
    ]);
    if (key === undefined) {
      return undefined;
    }
    const how: Mechanism =
      mechanism === CKM.SHA256_RSA_PKCS_PSS ? { mechanism, parameter: PSS } : { mechanism };
    this.#p11.C_SignInit(session, how, key);
    if (pin !== undefined && this.#attribute(key, CKA.ALWAYS_AUTHENTICATE)?.[0] === 1) {
      this.#p11.C_Login(session, CKU.CONTEXT_SPECIFIC, takePin(pin));
    }
    return Uint8Array.from(
      this.#p11.C_Sign(session, Buffer.from(data), Buffer.alloc(SIGNATURE_BYTES)),
    );
  }

  closeSession(): void {
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) {
      attempt(() => {
        this.#p11.C_Logout(session);
      });
      attempt(() => {
        this.#p11.C_CloseSession(session);
      });
    }
  }

  finalize(): void {
    this.closeSession();
    attempt(() => {
      this.#p11.C_Finalize();
    });
    attempt(() => {
      this.#p11.close();
    });
  }

  /** Makes a SoftHSM2 token in the first free slot and fills it. */
  provision({ label, soPin, pin, objects }: Provision): void {
    const [free] = this.#p11.C_GetSlotList(false);
    if (free === undefined) {
      throw new SlotGoneError();
    }
    // Quirk: the binding passes a bare pointer, so the label must have exactly 32 bytes.
    this.#p11.C_InitToken(free, Buffer.from(soPin).toString('latin1'), label.padEnd(32));
    const made = this.#p11
      .C_GetSlotList(true)
      .find((slot) => this.#p11.C_GetTokenInfo(slot).label.trim() === label);
    if (made === undefined) {
      throw new SlotGoneError();
    }
    const session = this.#p11.C_OpenSession(made, CKF_SESSION.SERIAL | CKF_SESSION.RW);
    this.#session = session;
    const user = Buffer.from(pin).toString('latin1');
    this.#p11.C_Login(session, CKU.SO, takePin(soPin));
    this.#p11.C_InitPIN(session, user);
    this.#p11.C_Logout(session);
    this.#p11.C_Login(session, CKU.USER, takePin(pin));
    for (const object of objects) {
      const template: Template = object.map(({ type, value }) => ({
        type,
        value: value instanceof Uint8Array ? Buffer.from(value) : value,
      }));
      this.#p11.C_CreateObject(session, template);
    }
    this.closeSession();
  }

  #open(): Handle {
    if (this.#session === undefined) {
      throw new SlotGoneError();
    }
    return this.#session;
  }

  #token(slot: Handle): TokenInfo {
    const info = this.#p11.C_GetTokenInfo(slot);
    return {
      label: info.label.trim(),
      manufacturer: info.manufacturerID.trim(),
      model: info.model.trim(),
      serial: info.serialNumber.trim(),
      flags: info.flags,
      firmwareMajor: info.firmwareVersion.major,
    };
  }

  #find(template: Template): readonly Handle[] {
    const session = this.#open();
    this.#p11.C_FindObjectsInit(session, template);
    try {
      const found: Handle[] = [];
      for (;;) {
        const page = this.#p11.C_FindObjects(session, PAGE);
        found.push(...page);
        if (page.length < PAGE) {
          return found;
        }
      }
    } finally {
      attempt(() => {
        this.#p11.C_FindObjectsFinal(session);
      });
    }
  }

  /** One attribute; `undefined` where the object lacks it. */
  #attribute(object: Handle, type: number): Uint8Array | undefined {
    try {
      const [found] = this.#p11.C_GetAttributeValue(this.#open(), object, [{ type }]);
      return found === undefined ? undefined : Uint8Array.from(found.value);
    } catch (error) {
      if (codeOf(error) === 0x12) {
        return undefined;
      }
      throw error;
    }
  }
}

/** The slot that was asked for is not in the last list: as `CKR_SLOT_ID_INVALID`. */
class SlotGoneError extends Error {
  readonly code = 0x3;
  readonly method = 'C_OpenSession';
}

/** Number of a return code; 0 for errors of the binding itself. */
export function codeOf(error: unknown): number {
  return typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    typeof error.code === 'number'
    ? error.code
    : 0;
}
