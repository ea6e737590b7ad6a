// What a list shows of a row.
import type { EnumName } from '@/texts/contract';

export interface Column<T> {
  key: string;
  label: string;
  /** The text of the cell, or the id of the customer or member of staff, or the enumerator, or the amount in fen. */
  value: (row: T) => string;
  kind?: 'text' | 'customer' | 'lead' | 'staff' | 'money' | 'tag';
  /** Sentences and lists, which may take several lines. */
  wide?: boolean;
  /** For a tag: of which enumeration the value is. */
  of?: EnumName;
  /** On a phone: the heading of the card, or left out. */
  phone?: 'title' | 'hide';
}

export interface Filter {
  name: string;
  label: string;
  kind: 'text' | 'select' | 'day' | 'month' | 'switch';
  options?: { value: string; label: string }[];
}
