/**
 * Turns the pieces that esbuild made (ES modules) into pieces that start faster: CommonJS, where each
 * `require` happens when its result is first used. Loading a few dozen ES modules, and Node's own modules that a
 * command never needs, is most of the time of a short command.
 *
 * A piece that needs a package which exists as an ES module only, and waits while it loads, stays one (`.mjs`).
 */
import { createHash } from 'node:crypto';
import { builtinModules } from 'node:module';
import { basename } from 'node:path';

import { transform } from 'esbuild';

const ES_ONLY = ['libxml2-wasm'];
const FILE_URL = 'topazFileUrl';
const FILE_URL_OF_PIECE = `const ${FILE_URL}=require('node:url').pathToFileURL(__filename).href;`;
/** Packages in CommonJS inside an ES module call require() for Node's own modules. */
const REQUIRE_OF_PIECE =
  "import{createRequire as topazRequire}from'node:module';const require=topazRequire(import.meta.url);";

/**
 * @param {{path: string, text: string}[]} pieces - the output files of esbuild.
 * @param {import('esbuild').Metafile} metafile - what they import.
 * @returns {Promise<{name: string, text: string}[]>}
 */
export async function turnPieces(pieces, metafile) {
  const stays = piecesThatStay(metafile);
  return Promise.all(
    pieces.map(async ({ path, text }) => {
      const name = basename(path);
      return stays.has(name)
        ? { name: renamed(name), text: REQUIRE_OF_PIECE + renameImports(text, stays) }
        : { name, text: await toCommonJs(text, stays) };
    }),
  );
}

/** Names of the pieces that import such a package, directly or through another piece. */
function piecesThatStay({ outputs }) {
  const stays = new Set();
  for (let before = -1; before !== stays.size;) {
    before = stays.size;
    for (const [path, { imports }] of Object.entries(outputs)) {
      const needs = imports.some(
        ({ path: other, kind }) =>
          kind === 'import-statement' && (ES_ONLY.includes(other) || stays.has(basename(other))),
      );
      if (needs) {
        stays.add(basename(path));
      }
    }
  }
  return stays;
}

const renamed = (name) => name.replace(/\.js$/, '.mjs');

const renameImports = (text, stays) =>
  text.replace(/"\.\/([\w-]+\.js)"/g, (whole, name) =>
    stays.has(name) ? `"./${renamed(name)}"` : whole,
  );

async function toCommonJs(text, stays) {
  // An import() of a piece becomes a require: no second loader is started for it.
  const required = text.replace(/\bimport\("\.\/([\w-]+\.js)"\)/g, (whole, name) =>
    stays.has(name)
      ? `import("./${renamed(name)}")`
      : `Promise.resolve().then(()=>require("./${name}"))`,
  );
  const { code } = await transform(required, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    minifyWhitespace: true,
    minifySyntax: true,
    define: { 'import.meta.url': FILE_URL },
    logLevel: 'error',
  });
  const lazy = requireLate(code);
  return lazy.includes(FILE_URL) ? FILE_URL_OF_PIECE + lazy : lazy;
}

/**
 * `var import_x=require("…")` becomes a function that requires once, when a name of it is first used. Only the
 * names that esbuild made are touched, and only for other pieces and for Node's own modules. The parentheses are for
 * `new import_x.Name()`.
 */
function requireLate(code) {
  const names = [];
  const declared = code.replace(
    /\b(import_[\w$]+)=(require\("([^"]+)"\)|__toESM\(require\("([^"]+)"\)(?:,1)?\))(?=[,;])/g,
    (whole, name, load, plain, wrapped) => {
      const from = plain ?? wrapped;
      if (!from.startsWith('./') && !isBuiltin(from)) {
        return whole;
      }
      names.push(name);
      return `${name}$,${name}=()=>${name}$??=${load}`;
    },
  );
  return names.reduce(
    (text, name) =>
      text.replaceAll(
        new RegExp(`(?<![\\w$])${name.replaceAll('$', '\\$')}(?=\\.)`, 'g'),
        `(${name}())`,
      ),
    declared,
  );
}

/**
 * Puts the pieces that most commands load into one file, `core.js`: one look at the disk instead of two dozen. Each
 * stays a function that runs when it is first required; a small file in its old place hands it on.
 *
 * @param {{name: string, text: string}[]} pieces
 * @param {import('esbuild').Metafile} metafile
 * @param {string[]} sources - files of `src` whose pieces, with all that these import, go into the core.
 */
export function packCore(pieces, { outputs }, sources) {
  const packed = new Set();
  const add = (path) => {
    if (outputs[path] !== undefined && !packed.has(basename(path))) {
      packed.add(basename(path));
      for (const { path: other, kind } of outputs[path].imports) {
        if (kind === 'import-statement') {
          add(other);
        }
      }
    }
  };
  for (const source of sources) {
    const paths = Object.keys(outputs).filter(
      (name) => source in outputs[name].inputs || outputs[name].entryPoint === source,
    );
    if (paths.length === 0) {
      throw new Error(`no piece holds ${source}`);
    }
    paths.forEach(add);
  }
  const core = pieces.filter(({ name }) => packed.has(name));
  const bodies = core.map(
    ({ name, text }) =>
      `"./${name}":function(module,exports,require){${text.replace(/\bimport\(/g, 'topazImport(')}\n}`,
  );
  return [
    ...pieces
      .filter(({ name }) => !packed.has(name))
      .map(({ name, text }) => ({
        name,
        text: text.replace(/\brequire\("(\.\/[\w-]+\.js)"\)/g, (whole, other) =>
          packed.has(basename(other)) ? `require("./core.js")("${other}")` : whole,
        ),
      })),
    ...core.map(({ name, text }) => ({
      name,
      // The last statement names the exports for Node's import of CommonJS.
      text: `module.exports=require("./core.js")("./${name}");${/0&&\(module\.exports=\{[^}]*\}\);?\s*$/.exec(text)?.[0] ?? ''}`,
    })),
    ...coreFiles(bodies),
  ];
}

/**
 * The core is compiled by hand, so that V8 can take its code from a file beside it instead of compiling. The file is
 * made by the build (`core-cache.mjs`) and serves the Node that made it; any other refuses it and compiles. Its name
 * holds a digest of the source: V8 itself compares lengths only. The code remembers the name under which it was
 * compiled, so that name is no place on a disk, and import() happens in the loader.
 */
function coreFiles(bodies) {
  const source = [
    '(function(require,topazImport,__filename){',
    `const pieces={${bodies.join(',')}},made={};`,
    'return topazPiece;',
    'function topazPiece(name){',
    'const found=made[name];if(found)return found.exports;',
    'const make=pieces[name];if(!make)return require(name);',
    'const module=made[name]={exports:{}};make(module,module.exports,topazPiece);return module.exports',
    '}})',
  ].join('');
  const name = `core-${createHash('sha256').update(source).digest('hex').slice(0, 16)}`;
  const loader = [
    `const{readFileSync}=require('node:fs'),{Script}=require('node:vm'),file=__dirname+'/${name}.js';`,
    `let cachedData;try{cachedData=readFileSync(__dirname+'/${name}.'+process.version+'-'+process.arch+'.cache')}catch{}`,
    `const script=new Script(readFileSync(file,'latin1'),{filename:'file:///${name}.js',cachedData});`,
    'module.exports=script.runInThisContext()(require,name=>import(name),file);',
    'module.exports.script=script;module.exports.file=file;',
  ].join('');
  return [
    { name: `${name}.js`, text: source },
    { name: 'core.js', text: loader },
  ];
}

const isBuiltin = (name) => name.startsWith('node:') || builtinModules.includes(name);
