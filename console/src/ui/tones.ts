// The colour of a state says whether somebody has to do something; its word says the same for who sees no colours.
const TONES: [RegExp, 'todo' | 'good' | 'bad' | 'quiet' | 'plain'][] = [
  [/_(NEW|OPEN|PROPOSED|HELD|UNKNOWN|BOOKED|SCHEDULED)$/, 'todo'],
  [/_(WON|ARRIVED|DONE|RESOLVED|DELIVERED|ACCEPTED|CONFIRMED|SALE|AAA|AA)$/, 'good'],
  [/_(LOST|FAILED|NO_SHOW|REFUND|EXPIRED|C)$/, 'bad'],
  [/_(INVALID|CANCELLED|DROPPED|CLOSED|LOCKED|HISTORY|J)$/, 'quiet'],
];

export function toneOf(value: string): string {
  return TONES.find(([pattern]) => pattern.test(value))?.[1] ?? 'plain';
}
