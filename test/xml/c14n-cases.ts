/**
 * The cases of the Exclusive XML Canonicalization recommendation, and those of Canonical XML 1.0 that need no
 * document type, told anew. Each names the subtree by its path of local names.
 */

export interface C14nCase {
  readonly name: string;
  readonly xml: string;
  /** Local names from the root's children down; empty for the root. */
  readonly path: readonly string[];
  readonly prefixes?: readonly string[];
  readonly canonical: string;
}

const ENVELOPE_ONE =
  '<n0:letter xmlns:n0="urn:one" xmlns:n3="urn:three"><n1:page xmlns:n1="urn:page" xml:lang="nl"><n3:line xmlns:n3="urn:three"/></n1:page></n0:letter>';
const ENVELOPE_TWO =
  '<n2:box xmlns:n2="urn:two" xmlns:n1="urn:page" xmlns:n4="urn:four" xml:lang="fr" xml:space="preserve"><n1:page xml:lang="nl"><n3:line xmlns:n3="urn:three"/></n1:page></n2:box>';
const PAGE =
  '<n1:page xmlns:n1="urn:page" xml:lang="nl"><n3:line xmlns:n3="urn:three"></n3:line></n1:page>';
const LISTED =
  '<a:top xmlns:a="urn:a" xmlns:b="urn:b" xmlns="urn:d" xmlns:c="urn:c"><a:mid b:x="1"><low/></a:mid></a:top>';

export const C14N_CASES: readonly C14nCase[] = [
  {
    name: 'a subtree is the same from one envelope …',
    xml: ENVELOPE_ONE,
    path: ['page'],
    canonical: PAGE,
  },
  {
    name: '… as from another, whose xml attributes it does not inherit',
    xml: ENVELOPE_TWO,
    path: ['page'],
    canonical: PAGE,
  },
  {
    name: 'a listed prefix is declared at the top of the subtree, though nothing there uses it',
    xml: ENVELOPE_TWO,
    path: ['page'],
    prefixes: ['n4', 'n2'],
    canonical:
      '<n1:page xmlns:n1="urn:page" xmlns:n2="urn:two" xmlns:n4="urn:four" xml:lang="nl"><n3:line xmlns:n3="urn:three"></n3:line></n1:page>',
  },
  {
    name: 'a listed prefix that is declared below appears there',
    xml: ENVELOPE_TWO,
    path: ['page'],
    prefixes: ['n3'],
    canonical: PAGE,
  },
  {
    name: 'a listed prefix that nothing declares is nothing',
    xml: ENVELOPE_ONE,
    path: ['page'],
    prefixes: ['n9'],
    canonical: PAGE,
  },
  {
    name: 'without a list, each prefix is declared where it is first used',
    xml: LISTED,
    path: ['mid'],
    canonical: '<a:mid xmlns:a="urn:a" xmlns:b="urn:b" b:x="1"><low xmlns="urn:d"></low></a:mid>',
  },
  {
    name: '#default lists the default namespace',
    xml: LISTED,
    path: ['mid'],
    prefixes: ['#default', 'c'],
    canonical:
      '<a:mid xmlns="urn:d" xmlns:a="urn:a" xmlns:b="urn:b" xmlns:c="urn:c" b:x="1"><low></low></a:mid>',
  },
  {
    name: 'a default namespace that is undone stays undone',
    xml: '<t xmlns="urn:t"><u xmlns=""><v/></u></t>',
    path: [],
    canonical: '<t xmlns="urn:t"><u xmlns=""><v></v></u></t>',
  },
  {
    name: 'undoing it says nothing where nothing was said before',
    xml: '<t xmlns="urn:t"><u xmlns=""><v/></u></t>',
    path: ['u'],
    canonical: '<u><v></v></u>',
  },
  {
    name: 'an undone default namespace that is listed',
    xml: '<p:t xmlns:p="urn:p" xmlns="urn:t"><p:u xmlns=""><v/></p:u></p:t>',
    path: [],
    prefixes: ['#default'],
    canonical: '<p:t xmlns="urn:t" xmlns:p="urn:p"><p:u xmlns=""><v></v></p:u></p:t>',
  },
  {
    name: 'instructions stay, comments go, what stands around the root is not part of it',
    xml: '<?sheet href="x"   type="y" ?>\n<!-- one -->\n<doc>Hello,<!-- two --> world<?go?></doc>\n<?after?>',
    path: [],
    canonical: '<doc>Hello, world<?go?></doc>',
  },
  {
    name: 'white space of the content is content',
    xml: '<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n</doc>',
    path: [],
    canonical: '<doc>\n   <clean>   </clean>\n   <dirty>   A   B   </dirty>\n</doc>',
  },
  {
    name: 'tags: empty elements are pairs, order of namespaces and attributes',
    xml: '<doc><e1   /><e3   name = "e3"   id="e3"   ></e3><e5 a:attr="out" b:attr="sorted" attr2="all" attr="I\'m" xmlns:b="http://sorted.test" xmlns:a="http://a.test" xmlns="http://default.test"/></doc>',
    path: [],
    canonical:
      '<doc><e1></e1><e3 id="e3" name="e3"></e3><e5 xmlns="http://default.test" xmlns:a="http://a.test" xmlns:b="http://sorted.test" attr="I\'m" attr2="all" a:attr="out" b:attr="sorted"></e5></doc>',
  },
  {
    name: 'characters: references are replaced, what would not survive is escaped',
    xml: '<doc><text>First&#x0d;&#10;Second</text><value>&#x32;</value><compute><![CDATA[v>"0" && v<"10" ?"yes":"no"]]></compute><compute expr=\'v>"0" &amp;&amp; v&lt;"10"\'>x</compute><norm attr=\' &apos;   &#x20;&#13;&#xa;&#9;   &apos; \'/></doc>',
    path: [],
    canonical:
      '<doc><text>First&#xD;\nSecond</text><value>2</value><compute>v&gt;"0" &amp;&amp; v&lt;"10" ?"yes":"no"</compute><compute expr="v>&quot;0&quot; &amp;&amp; v&lt;&quot;10&quot;">x</compute><norm attr=" \'    &#xD;&#xA;&#x9;   \' "></norm></doc>',
  },
  {
    name: 'characters are UTF-8, as they are',
    xml: '<?xml version="1.0" encoding="UTF-8"?><doc>&#169;&#x1F600;</doc>',
    path: [],
    canonical: '<doc>©😀</doc>',
  },
  {
    name: 'a value is no use of a prefix',
    xml: '<a xmlns:xs="urn:xs" xmlns:xsi="urn:xsi"><b xsi:type="xs:string"/></a>',
    path: ['b'],
    canonical: '<b xmlns:xsi="urn:xsi" xsi:type="xs:string"></b>',
  },
];
