import { useLocale, useTranslations } from 'use-intl';
import type { RiskRoom, RuleRisk } from '@/api/types';
import { NoValue, Percent, useMoneyText } from '@/components/figures';
import { multiply, negated, sign } from '@/lib/decimal';
import { numberFormat } from '@/lib/number-format';
import { unitOf } from '../status';

type Unit = RuleRisk['unit'];

/** Writes an amount in the unit of its rule. */
export function useAmount(): (value: string, unit: Unit, currency: string) => string {
  const t = useTranslations('riskWords.units');
  const locale = useLocale();
  const money = useMoneyText();
  return (value, unit, currency) => {
    if (unit === 'money') return money(value, currency);
    const count = numberFormat(locale, { maximumFractionDigits: 8 }).format(
      value as Intl.StringNumericLiteral,
    );
    return t(unit, { count });
  };
}

/** `1,250.00 USD left`, or how far it is over the line. */
export function useRoomText(): (buffer: string, unit: Unit, currency: string) => string {
  const t = useTranslations('riskWords');
  const write = useAmount();
  return (buffer, unit, currency) =>
    sign(buffer) < 0
      ? t('over', { amount: write(negated(buffer), unit, currency) })
      : t('left', { amount: write(buffer, unit, currency) });
}

/** Percent of a limit that is left, never rounded up. */
export function PercentLeft({ value }: { value: string | null | undefined }) {
  return <Percent value={value ? multiply(value, '0.01') : null} isFloored />;
}

type RoomProps = {
  room: Pick<RiskRoom, 'kind' | 'unit' | 'buffer' | 'buffer_percent'> | null | undefined;
  currency: string;
};

/** What is left under a limit: the amount, and below it the share of the limit. */
export function Room({ room, currency }: RoomProps) {
  const write = useAmount();
  if (!room?.buffer) return <NoValue />;
  return (
    <span className="inline-flex flex-col items-end leading-tight">
      <span
        className={`figures whitespace-nowrap ${sign(room.buffer) < 0 ? 'font-medium text-negative' : ''}`}
      >
        {write(room.buffer, unitOf(room), currency)}
      </span>
      <span className="text-muted text-xs">
        <PercentLeft value={room.buffer_percent} />
      </span>
    </span>
  );
}
