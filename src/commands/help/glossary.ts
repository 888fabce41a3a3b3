/**
 * The words of the field in four languages. The same words stand in all messages.
 *
 * @module
 */

import type { Language } from '../../profile/language.js';

type FourTexts = Readonly<Record<Language, string>>;

export const GLOSSARY_TITLES: FourTexts = {
  en: 'Words of the field',
  fr: 'Les mots du métier',
  nl: 'De woorden van het vak',
  de: 'Die Wörter des Fachs',
};

export const GLOSSARY: readonly { readonly term: FourTexts; readonly meaning: FourTexts }[] = [
  {
    term: {
      en: 'eHealth certificate',
      fr: 'certificat eHealth',
      nl: 'eHealth-certificaat',
      de: 'eHealth-Zertifikat',
    },
    meaning: {
      en: 'proves who you are to the eHealth platform; lives in a keystore, three years',
      fr: 'prouve votre identité à la plateforme eHealth ; vit dans un trousseau, trois ans',
      nl: 'bewijst aan het eHealth-platform wie u bent; zit in een sleutelbos, drie jaar',
      de: 'beweist der eHealth-Plattform, wer Sie sind; liegt in einem Keystore, drei Jahre',
    },
  },
  {
    term: {
      en: 'keystore',
      fr: 'trousseau eHealth',
      nl: 'eHealth-sleutelbos',
      de: 'eHealth-Keystore',
    },
    meaning: {
      en: 'the file (.p12) with your certificate and keys, protected by a password',
      fr: 'le fichier (.p12) avec votre certificat et vos clés, protégé par un mot de passe',
      nl: 'het bestand (.p12) met uw certificaat en sleutels, beschermd door een wachtwoord',
      de: 'die Datei (.p12) mit Zertifikat und Schlüsseln, durch ein Passwort geschützt',
    },
  },
  {
    term: { en: 'card reader', fr: 'lecteur de cartes', nl: 'kaartlezer', de: 'Kartenleser' },
    meaning: {
      en: 'the device for the identity card',
      fr: "l'appareil pour la carte d'identité",
      nl: 'het toestel voor de identiteitskaart',
      de: 'das Gerät für den Personalausweis',
    },
  },
  {
    term: {
      en: 'identity card (eID)',
      fr: "carte d'identité (eID)",
      nl: 'identiteitskaart (eID)',
      de: 'Personalausweis (eID)',
    },
    meaning: {
      en: 'the Belgian electronic identity card',
      fr: "la carte d'identité électronique belge",
      nl: 'de Belgische elektronische identiteitskaart',
      de: 'der belgische elektronische Personalausweis',
    },
  },
  {
    term: { en: 'PIN', fr: 'code PIN', nl: 'pincode', de: 'PIN-Code' },
    meaning: {
      en: 'the code of the card; three wrong ones lock it',
      fr: 'le code de la carte ; trois erreurs la bloquent',
      nl: 'de code van de kaart; drie fouten blokkeren ze',
      de: 'der Code der Karte; drei Fehler sperren sie',
    },
  },
  {
    term: { en: 'password', fr: 'mot de passe', nl: 'wachtwoord', de: 'Passwort' },
    meaning: {
      en: 'opens a keystore; nobody can recover it',
      fr: 'ouvre un trousseau ; personne ne peut le récupérer',
      nl: 'opent een sleutelbos; niemand kan het terughalen',
      de: 'öffnet einen Keystore; niemand kann es wiederherstellen',
    },
  },
  {
    term: { en: 'SSIN', fr: 'NISS', nl: 'INSZ', de: 'ENSS' },
    meaning: {
      en: 'number of a person in social security',
      fr: "numéro d'une personne à la sécurité sociale",
      nl: 'nummer van een persoon in de sociale zekerheid',
      de: 'Nummer einer Person in der sozialen Sicherheit',
    },
  },
  {
    term: { en: 'NIHII number', fr: 'numéro INAMI', nl: 'RIZIV-nummer', de: 'LIKIV-Nummer' },
    meaning: {
      en: 'number of a care provider or institution',
      fr: "numéro d'un prestataire ou d'une institution de soins",
      nl: 'nummer van een zorgverlener of zorginstelling',
      de: 'Nummer eines Pflegeerbringers oder einer Einrichtung',
    },
  },
  {
    term: { en: 'session', fr: 'session', nl: 'sessie', de: 'Sitzung' },
    meaning: {
      en: 'the permission of eHealth to work for some hours',
      fr: "l'autorisation d'eHealth de travailler quelques heures",
      nl: 'de toelating van eHealth om enkele uren te werken',
      de: 'die Erlaubnis von eHealth, einige Stunden zu arbeiten',
    },
  },
  {
    term: {
      en: 'fallback procedure',
      fr: 'procédure de secours',
      nl: 'noodprocedure',
      de: 'Notverfahren',
    },
    meaning: {
      en: 'opening a session with the certificate alone, without the card',
      fr: 'ouvrir une session avec le seul certificat, sans la carte',
      nl: 'een sessie openen met het certificaat alleen, zonder kaart',
      de: 'eine Sitzung nur mit dem Zertifikat öffnen, ohne Karte',
    },
  },
  {
    term: {
      en: 'encryption token (ETK)',
      fr: 'jeton de chiffrement (ETK)',
      nl: 'encryptietoken (ETK)',
      de: 'Verschlüsselungstoken (ETK)',
    },
    meaning: {
      en: 'with it, others seal messages that only you can open',
      fr: "il sert à d'autres pour sceller des messages que vous seul pouvez ouvrir",
      nl: 'hiermee verzegelen anderen berichten die alleen u kunt openen',
      de: 'damit versiegeln andere Nachrichten, die nur Sie öffnen können',
    },
  },
  {
    term: { en: 'sealed', fr: 'scellé', nl: 'verzegeld', de: 'versiegelt' },
    meaning: {
      en: 'signed and encrypted for its recipients',
      fr: 'signé et chiffré pour ses destinataires',
      nl: 'ondertekend en versleuteld voor de bestemmelingen',
      de: 'signiert und für die Empfänger verschlüsselt',
    },
  },
  {
    term: { en: 'eHealthBox', fr: 'eHealthBox', nl: 'eHealthBox', de: 'eHealthBox' },
    meaning: {
      en: 'the mailbox of care providers',
      fr: 'la boîte aux lettres des prestataires de soins',
      nl: 'de brievenbus van zorgverleners',
      de: 'das Postfach der Pflegeerbringer',
    },
  },
  {
    term: {
      en: 'message, attachment',
      fr: 'message, annexe',
      nl: 'bericht, bijlage',
      de: 'Nachricht, Anlage',
    },
    meaning: {
      en: 'a document of the eHealthBox and the files with it',
      fr: "un document de l'eHealthBox et les fichiers joints",
      nl: 'een document van de eHealthBox en de bestanden erbij',
      de: 'ein Dokument der eHealthBox und die Dateien dazu',
    },
  },
  {
    term: {
      en: 'insurability',
      fr: 'assurabilité',
      nl: 'verzekerbaarheid',
      de: 'Versicherbarkeit',
    },
    meaning: {
      en: 'whether and how a patient is insured',
      fr: 'si et comment un patient est assuré',
      nl: 'of en hoe een patiënt verzekerd is',
      de: 'ob und wie ein Patient versichert ist',
    },
  },
  {
    term: { en: 'mutuality', fr: 'mutualité', nl: 'ziekenfonds', de: 'Krankenkasse' },
    meaning: {
      en: 'the insurer of a patient',
      fr: "l'assureur d'un patient",
      nl: 'de verzekeraar van een patiënt',
      de: 'der Versicherer eines Patienten',
    },
  },
  {
    term: { en: 'quality', fr: 'qualité', nl: 'hoedanigheid', de: 'Eigenschaft' },
    meaning: {
      en: 'in what role one acts: doctor, nurse, groupofnurses …',
      fr: 'le rôle dans lequel on agit : doctor, nurse, groupofnurses …',
      nl: 'in welke rol men handelt: doctor, nurse, groupofnurses …',
      de: 'in welcher Rolle man handelt: doctor, nurse, groupofnurses …',
    },
  },
];
