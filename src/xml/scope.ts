/**
 * Which prefix stands for which namespace while a tree is walked. Entering an element costs what it
 * declares, not what is declared above it: copies would make hostile documents quadratic.
 *
 * @module
 */

export class Scope {
  readonly #names: Map<string, string | undefined>;
  readonly #undo: { readonly prefix: string; readonly before: string | undefined }[] = [];

  constructor(names: Iterable<readonly [string, string]> = []) {
    this.#names = new Map(names);
  }

  /** '' is the default namespace: '' as long as nothing declares one. */
  get(prefix: string): string | undefined {
    return this.#names.get(prefix) ?? (prefix === '' ? '' : undefined);
  }

  set(prefix: string, uri: string): void {
    this.#undo.push({ prefix, before: this.#names.get(prefix) });
    this.#names.set(prefix, uri);
  }

  /** A point to come {@link back} to. */
  mark(): number {
    return this.#undo.length;
  }

  /** Forgets everything set since the mark. */
  back(mark: number): void {
    for (let entry = this.#pop(mark); entry !== undefined; entry = this.#pop(mark)) {
      // Not deleted: in V8, adding to and deleting from a large map by turns costs its whole size each time.
      this.#names.set(entry.prefix, entry.before);
    }
  }

  #pop(mark: number): { readonly prefix: string; readonly before: string | undefined } | undefined {
    return this.#undo.length > mark ? this.#undo.pop() : undefined;
  }
}
