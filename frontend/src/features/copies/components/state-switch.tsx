import { useTranslations } from 'use-intl';
import type { Subscription } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { RadioCards } from '@/components/ui/radio-cards';
import { usePatchSubscription } from '../queries';

const STATES = ['active', 'close_only', 'paused'] as const;
type Settable = (typeof STATES)[number];

/** Whether a subscription copies, at once and without touching what is open. */
export function StateSwitch({ subscription }: { subscription: Subscription }) {
  const t = useTranslations('copySettings.state');
  const patch = usePatchSubscription(subscription);
  const { state } = subscription;
  if (state === 'pending') {
    return (
      <p className="max-w-prose text-pretty rounded-card border border-line px-4 py-3 text-muted">
        {t('pending', { name: subscription.master_name })}
      </p>
    );
  }
  const shown = patch.isPending ? patch.variables.state : state;
  return (
    <div>
      <RadioCards<Settable>
        label={t('label', { name: subscription.master_name })}
        value={STATES.find((each) => each === shown) ?? 'paused'}
        // Arrow keys pass over what is between: two that are under way at once may end either way.
        onChange={(next) => !patch.isPending && patch.mutate({ state: next })}
        cards={STATES.map((value) => ({ value, title: t(value), hint: t(`${value}Hint`) }))}
        isRow
      />
      <ProblemText error={patch.error} />
    </div>
  );
}
