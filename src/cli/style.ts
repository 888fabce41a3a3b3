/**
 * The four roles of colour, and the signs that stand beside them so that nothing is said by colour alone
 * (cli-ux §6). Whether there is colour is decided by us, per stream: chalk does not know `NO_COLOR`.
 *
 * @module
 */

type Paint = (text: string) => string;

export interface Style {
  readonly success: Paint;
  readonly warning: Paint;
  readonly failure: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
}

export interface Signs {
  readonly success: string;
  readonly warning: string;
  readonly failure: string;
  readonly unread: string;
  readonly skipped: string;
}

const same: Paint = (text) => text;

/** No colour at all. */
export const PLAIN: Style = {
  success: same,
  warning: same,
  failure: same,
  dim: same,
  bold: same,
};

/** The style of one stream; chalk is loaded only where there is colour. */
export async function createStyle(color: boolean): Promise<Style> {
  if (!color) {
    return PLAIN;
  }
  const { Chalk } = await import('chalk');
  const chalk = new Chalk({ level: 1 });
  return {
    success: (text) => chalk.green(text),
    warning: (text) => chalk.yellow(text),
    failure: (text) => chalk.red(text),
    dim: (text) => chalk.dim(text),
    bold: (text) => chalk.bold(text),
  };
}

/** Signs of the terminal; words where it shows ASCII only. */
export const createSigns = (unicode: boolean): Signs =>
  unicode
    ? { success: '✓', warning: '!', failure: '✗', unread: '●', skipped: '–' }
    : { success: 'ok', warning: '!', failure: 'x', unread: '*', skipped: '-' };
