import { useState } from 'react';
import { useLocale, useTranslations } from 'use-intl';
import { decimals, sign } from '@/lib/decimal';
import { numberFormat } from '@/lib/number-format';

/** Currencies whose amounts are not written with two decimals. */
const PLACES: Record<string, number> = { JPY: 0, BTC: 8, ETH: 6 };

interface AmountProps {
  value: string | null | undefined;
  currency: string;
}

/** An amount of money. */
export function Money({ value, currency }: AmountProps) {
  const write = useNumber(PLACES[currency] ?? 2);
  if (value === null || value === undefined) return <NoValue />;
  return <Live text={`${write(value)} ${currency}`} />;
}

/** A profit or loss: signed, with an arrow, coloured. */
export function Delta({ value, currency }: AmountProps) {
  const write = useNumber(PLACES[currency] ?? 2);
  if (value === null || value === undefined) return <NoValue />;
  const written = write(value.replace(/^[+-]/, ''));
  // What is written as zero has no direction.
  const direction = /[1-9]/.test(written) ? sign(value) : 0;
  const mark = { '-1': '▼ −', '0': '', '1': '▲ +' }[direction];
  const colour = { '-1': 'text-negative', '0': 'text-muted', '1': 'text-positive' }[direction];
  return (
    <span className={colour}>
      <Live text={`${mark}${written} ${currency}`} />
    </span>
  );
}

interface PercentProps {
  value: string | null | undefined;
  /** Never more than it is: for what is left of a limit. */
  isFloored?: boolean;
  places?: number;
}

/** A fraction as percent: `0.125` is `12.5 %`. */
export function Percent({ value, isFloored = false, places = 1 }: PercentProps) {
  const locale = useLocale();
  if (value === null || value === undefined) return <NoValue />;
  const format = numberFormat(locale, {
    style: 'percent',
    minimumFractionDigits: places,
    maximumFractionDigits: places,
    ...(isFloored && { roundingMode: 'floor' }),
  });
  return <Live text={withMinus(format.format(value as Intl.StringNumericLiteral))} />;
}

/** As wide as a plus: the hyphen of the keyboard is none. */
function withMinus(text: string): string {
  return text.replace('-', '−');
}

/** How many times its risk a trade brought. */
export function Multiple({ value }: { value: string }) {
  const locale = useLocale();
  const format = numberFormat(locale, { maximumFractionDigits: 2 });
  return <Live text={`${withMinus(format.format(value as Intl.StringNumericLiteral))} R`} />;
}

/** A price or size, with at least `places` decimals so that a column lines up. */
export function Figure({
  value,
  places = 0,
}: {
  value: string | null | undefined;
  places?: number;
}) {
  const least = value ? Math.max(places, decimals(value)) : places;
  const write = useNumber(least);
  if (value === null || value === undefined) return <NoValue />;
  return <Live text={write(value)} />;
}

/** A number that is no money, such as a ratio, with two decimals. */
export function Ratio({ value }: { value: string | null | undefined }) {
  const write = useNumber(2);
  if (value === null || value === undefined) return <NoValue />;
  return <Live text={write(value)} />;
}

export function NoValue() {
  const t = useTranslations('common');
  return (
    <span className="text-muted">
      <span aria-hidden>–</span>
      <span className="sr-only">{t('noValue')}</span>
    </span>
  );
}

/** Writes a decimal in text without going through a float. */
function useNumber(places: number): (decimal: string) => string {
  const locale = useLocale();
  const format = numberFormat(locale, {
    minimumFractionDigits: places,
    maximumFractionDigits: places,
  });
  // The standard takes decimals in text and keeps their digits.
  return (decimal) => format.format(decimal as Intl.StringNumericLiteral);
}

/** Writes amounts of money into sentences. */
export function useMoneyText(): (value: string, currency: string) => string {
  const locale = useLocale();
  return (value, currency) => {
    const places = PLACES[currency] ?? 2;
    const format = numberFormat(locale, {
      minimumFractionDigits: places,
      maximumFractionDigits: places,
    });
    return `${format.format(value as Intl.StringNumericLiteral)}\u00a0${currency}`;
  };
}

/** A figure that tints for a moment when it changes. */
function Live({ text }: { text: string }) {
  const [first] = useState(text);
  return (
    <span
      key={text}
      className={`figures whitespace-nowrap ${text === first ? '' : 'animate-tint'}`}
    >
      {text}
    </span>
  );
}
