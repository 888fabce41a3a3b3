/** Documents of the bench: payloads like those of the services, the same in two sizes, and hostile ones. */

const line = (n) =>
  `<m:Line Nr="${n}" xml:lang="fr"><m:Code System="CNK">${1_000_000 + n}</m:Code>` +
  `<m:Name>Médicament ${n} &amp; suite</m:Name><m:Price currency="EUR">${n}.50</m:Price></m:Line>`;

/** A payload of about that many bytes, dense with tags. */
export function payload(bytes) {
  let lines = '';
  for (let n = 0; lines.length < bytes; n += 1) {
    lines += line(n);
  }
  return `<m:Request xmlns:m="urn:be:test:request" Id="_request">${lines}</m:Request>`;
}

const range = (n, make) => Array.from({ length: n }, (_, at) => make(at)).join('');

/** Documents that grow with a figure, one for each thing that a reader or a verifier could be slow at. */
export const GROWING = {
  depth: (n) => `<r>${('<a>'.repeat(250) + '</a>'.repeat(250)).repeat(n)}</r>`,
  attributes: (n) => `<r>${`<a ${range(250, (at) => ` b${at}="${at}"`)}/>`.repeat(n)}</r>`,
  namespaces: (n) =>
    `<r>${range(n, (at) => `<p${at}:a xmlns:p${at}="urn:${at}" xmlns:q="urn:q${at}" q:b="1"><q:c/></p${at}:a>`)}</r>`,
  'namespaces in force': (n) =>
    `${range(100, (level) => `<l${range(n, (at) => ` xmlns:p${level}-${at}="urn:${at}"`)}>`)}${'<b xmlns="urn:b"/>'.repeat(n * 100)}${'</l>'.repeat(100)}`,
  ids: (n) => `<r>${range(n, (at) => `<a Id="id-${at}"/>`)}</r>`,
  text: (n) => `<r>${range(n, (at) => `line ${at} &lt;é&gt;\r\n`)}</r>`,
  comments: (n) => `<r>${range(n, (at) => `<!-- ${at} -->${at}`)}</r>`,
  base64: (n) => `<r>${'QUJDREVG'.repeat(n)}</r>`,
};

/** A figure of each that gives a few hundred kilobytes. */
export const SIZES = {
  depth: 150,
  attributes: 60,
  namespaces: 4_000,
  'namespaces in force': 60,
  ids: 12_000,
  text: 15_000,
  comments: 12_000,
  base64: 150_000,
};

const fill = (piece, bytes) => piece.repeat(Math.ceil(bytes / piece.length));

/** Documents of about that many bytes that must be refused; some of them only at their very end. */
export const hostile = (bytes) => ({
  'cut off at the end': payload(bytes).slice(0, -1),
  'never closed': fill('<a>', bytes),
  'deep and closed': `${'<a>'.repeat(bytes / 8)}${'</a>'.repeat(bytes / 8)}`,
  'a document type': `<!DOCTYPE a [${fill('<!ENTITY a "&b;&b;&b;">', bytes)}]><a/>`,
  'an open comment': `<a><!-- ${fill('x - ', bytes)}`,
  'an open CDATA section': `<a><![CDATA[${fill(']] ', bytes)}`,
  'an open instruction': `<a><?x ${fill('? ', bytes)}`,
  'an open attribute': `<a b="${fill('x ', bytes)}`,
  'attributes without end': `<a${fill(' b="1"', bytes)}`,
  'an attribute twice': `<a ${range(250, (at) => `b${at}="${'x'.repeat(bytes / 250)}" `)} b1=""/>`,
  'references that are none': `<a>${fill('&amp;', bytes)}&amp</a>`,
  'a name without end': `<${fill('é', bytes / 2)}`,
  'space without end': `<a${fill(' ', bytes)}`,
  'a declaration without end': `<?xml version="1.0"${fill(' ', bytes)}`,
  'elements, then two roots': `<r>${fill('<a/>', bytes)}</r><r/>`,
  'a prefix that nobody declares': `<r>${fill('<a b="1"/>', bytes)}<p:a/></r>`,
  'the wrong end tag': `<r>${fill('<a>x</a>', bytes)}</s>`,
  'a control character at the end': `<r>${fill('text ', bytes)}\u0001</r>`,
});
