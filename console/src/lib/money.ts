// Amounts are whole fen. They travel as decimal strings and are counted as BigInt: no amount is ever a floating-point number.

const FEN_PER_YUAN = 100n;
const TEN_THOUSAND = 10_000n;
const LARGEST = 2n ** 63n - 1n;

export function fen(text: string | bigint | undefined): bigint {
  if (typeof text === 'bigint') return text;
  if (text === undefined || text === '') return 0n;
  if (!/^-?\d+$/.test(text)) throw new RangeError(`no amount in fen: ${text}`);
  return BigInt(text);
}

/** `1234550` → `12,345.50`; negative amounts have a minus sign. */
export function yuan(amount: string | bigint | undefined): string {
  const value = fen(amount);
  const magnitude = value < 0n ? -value : value;
  const whole = (magnitude / FEN_PER_YUAN).toString().replace(/\B(?=(\d{3})+$)/g, ',');
  const rest = (magnitude % FEN_PER_YUAN).toString().padStart(2, '0');
  return `${value < 0n ? '-' : ''}${whole}.${rest}`;
}

/** What a person types (`1,234.5`, `￥88`, `1.2万`, full-width digits) as fen; null when it is no amount or has parts of a fen. */
export function parseYuan(typed: string): string | null {
  const text = typed
    .normalize('NFKC')
    .replace(/[\s,¥元]/g, '')
    .replace(/^--?/, (sign) => (sign.length === 1 ? '-' : 'x'));
  const match = /^(-?)(\d+)(?:\.(\d*))?(万?)$/.exec(text);
  if (!match) return null;
  const [, sign, whole = '', decimals = '', unit] = match;
  const digits = unit ? 6 : 2;
  if (decimals.length > digits && /[1-9]/.test(decimals.slice(digits))) return null;
  const scale = unit ? FEN_PER_YUAN * TEN_THOUSAND : FEN_PER_YUAN;
  const value = BigInt(whole) * scale + BigInt(decimals.slice(0, digits).padEnd(digits, '0') || '0');
  if (value > LARGEST) return null;
  return (sign && value > 0n ? '-' : '') + value.toString();
}

export function sum(amounts: Iterable<string | bigint | undefined>): bigint {
  let total = 0n;
  for (const amount of amounts) total += fen(amount);
  return total;
}

/** Basis points as per cent: `800` → `8 %`, `1250` → `12.5 %`. */
export function percent(basisPoints: number | string | undefined): string {
  const value = BigInt(basisPoints ?? 0);
  const rest = (value % 100n).toString().padStart(2, '0').replace(/0+$/, '');
  return `${value / 100n}${rest ? `.${rest}` : ''} %`;
}
