// What can be told of a file before it is sent: its kind by its name, its encoding, and its first rows. The service alone decides.
import { t } from '@/texts/zh-CN';

const SAMPLE_BYTES = 64 * 1024;
const ROWS = 20;

export interface Look {
  kind: string;
  encoding: 'UTF-8' | 'GB18030';
  rows: string[][];
}

export function kindOf(fileName: string): string {
  const base = fileName.toLowerCase().replace(/\.csv$/, '').replace(/^.*[\\/]/, '');
  const kinds = Object.keys(t.importKinds);
  return kinds.includes(base) ? base : (kinds.find((kind) => base.startsWith(kind)) ?? '');
}

/** Text of the first bytes; a character cut in two at their end is left out. */
export function decode(bytes: Uint8Array): { text: string; encoding: Look['encoding'] } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true }), encoding: 'UTF-8' };
  } catch {
    return { text: new TextDecoder('gb18030').decode(bytes, { stream: true }), encoding: 'GB18030' };
  }
}

/** Lines of CSV as cells: quotation marks, doubled ones in them, and line ends in them. */
export function readCsv(text: string, limit: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length && rows.length < limit; i += 1) {
    const here = text[i]!;
    if (quoted) {
      if (here !== '"') cell += here;
      else if (text[i + 1] === '"') {
        cell += '"';
        i += 1;
      } else quoted = false;
    } else if (here === '"') quoted = true;
    else if (here === ',') {
      row.push(cell);
      cell = '';
    } else if (here === '\n' || here === '\r') {
      if (here === '\r' && text[i + 1] === '\n') i += 1;
      row.push(cell);
      if (row.some((one) => one !== '')) rows.push(row);
      row = [];
      cell = '';
    } else cell += here;
  }
  if (rows.length < limit && (cell !== '' || row.length)) rows.push([...row, cell]);
  return rows;
}

export async function lookAt(file: File): Promise<Look> {
  const bytes = new Uint8Array(await file.slice(0, SAMPLE_BYTES).arrayBuffer());
  const { text, encoding } = decode(bytes);
  return { kind: kindOf(file.name), encoding, rows: readCsv(text, ROWS + 1) };
}
