// Why a member is of a class, in Chinese. The service says it in English sentences of fixed shapes; one that is not known here is shown by
// what it is about, never as it stands.
import { parseYuan, yuan } from '@/lib/money';
import { t } from '@/texts/zh-CN';

const amount = (text: string) => yuan(parseYuan(text) ?? '0');

const SHAPES: [RegExp, (...parts: string[]) => string][] = [
  [/^(\d+) of (\d+) factors are met$/, (met, of) => t.whyMember.factors(met!, of!)],
  [/^a dispute is open$/, () => t.whyMember.dispute],
  [/^was \w+ in a dispute$/, () => t.whyMember.was],
  [/^repaired, ended with (.+); no settlement since$/, (how) => t.whyMember.repaired(how!)],
  [/^net spend (-?[\d.]+) of (-?[\d.]+)$/, (net, of) => t.whyMember.netSpend(amount(net!), amount(of!))],
  [/^a skin package and (\d+) sale settlements?$/, (n) => t.whyMember.skinPackage(n!)],
  [/^a non-invasive item and (\d+) sale settlements?$/, (n) => t.whyMember.noninvasive(n!)],
  [/^a non-invasive item$/, () => t.whyMember.noninvasiveAlone],
  [/^a skin course of (\d+) sessions?$/, (n) => t.whyMember.course(n!)],
  [/^sale settlements on (\d+) days?$/, (n) => t.whyMember.days(n!)],
  [/^sale settlements on (\d+) days?, longest skin course of (\d+) sessions?$/, (n, s) => t.whyMember.daysAndCourse(n!, s!)],
  [/^latest satisfaction (.+)$/, (what) => t.whyMember.satisfaction(what!)],
  [/^no survey$/, () => t.whyMember.noSurvey],
  [/^no settled purchase$/, () => t.whyMember.noPurchase],
  [/^no consent to marketing$/, () => t.whyMember.noConsent],
  [/^class J$/, () => t.whyMember.classJ],
  [/^opted out$/, () => t.whyMember.optedOut],
  [/^marked not to be greeted$/, () => t.whyMember.marked],
];

export function whyText(said: string): string {
  const rule = /^([A-Z]\d+): /.exec(said)?.[1] ?? '';
  const text = rule ? said.slice(rule.length + 2) : said;
  for (const [shape, words] of SHAPES) {
    const found = shape.exec(text);
    if (found) return words(...found.slice(1)) + (rule ? `（${rule}）` : '');
  }
  return rule ? t.whyMember.byRule(rule) : t.whyMember.other;
}
