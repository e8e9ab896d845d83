import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Guard } from '@/api/types';
import { useNewError } from '@/components/new-error';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { RadioCards } from '@/components/ui/radio-cards';
import {
  blindOf,
  CHOICES,
  GUARD_ICONS,
  type GuardChoice,
  type Guarded,
  MARKS,
  type Mark,
  markOf,
  standingAt,
} from '../guard-looks';
import type { GuardPlace, NewGuard } from '../guard-queries';
import { ActsAtOnce, Blind, Sure } from './guard-warnings';

/** How the guard of a place is saved. */
export interface Saving {
  /** Of what is there now. */
  version: number;
  isBusy: boolean;
  error: Error | null;
  save: (chosen: NewGuard, onSaved: () => void) => void;
}

interface GuardDialogProps {
  isOpen: boolean;
  place: GuardPlace;
  guard: Guard | null;
  /** The accounts that can trip it. */
  guarded: readonly Guarded[];
  saving: Saving;
  onClose: () => void;
}

/** Chooses what a guard does, and from where on. What closes positions is asked for once more. */
export function GuardDialog({ isOpen, place, ...form }: GuardDialogProps) {
  const t = useTranslations('risk.guard');
  return (
    <Dialog
      isOpen={isOpen}
      onClose={form.onClose}
      title={t('titleOf', { name: place.name })}
      description={t(`hint.${place.scope}`)}
    >
      {isOpen && <Form place={place} {...form} />}
    </Dialog>
  );
}

type FormProps = Omit<GuardDialogProps, 'isOpen'>;

/** Judges and saves by what was there when it was opened: what came since is refused, not replaced. */
function Form({ place, guarded, saving, onClose, ...now }: FormProps) {
  const t = useTranslations();
  const [{ guard, version }] = useState({ guard: now.guard, version: saving.version });
  const [choice, setChoice] = useState<GuardChoice>(guard?.action ?? 'off');
  const [mark, setMark] = useState<Mark>(markOf(guard));
  const [isSure, setSure] = useState(false);
  const error = useNewError(saving.error);
  const chosen: Guard | null = choice === 'off' ? null : { status: mark, action: choice };
  const isSame = guard?.action === choice && guard.status === mark;
  const standing = isSame || !chosen ? [] : standingAt(guarded, mark);
  // What changes something now, or may close positions later, is asked for once more.
  const mustAsk =
    (choice === 'close_all' && guard?.action !== 'close_all') ||
    (chosen !== null && chosen.action !== 'notify' && standing.length > 0);
  const isAsking = mustAsk && isSure;
  return (
    <>
      {isAsking && chosen ? (
        <Sure place={place} guard={chosen} standing={standing} />
      ) : (
        <div className="flex flex-col gap-5">
          <ActionChoice value={choice} onChange={setChoice} />
          {chosen && <MarkChoice value={mark} onChange={setMark} />}
          {chosen && standing.length > 0 && (
            <ActsAtOnce place={place} action={chosen.action} standing={standing} />
          )}
          {(choice === 'stop_new' || choice === 'close_all') && (
            <Blind names={blindOf(guarded).map(({ name }) => name)} />
          )}
        </div>
      )}
      <ProblemText error={error} />
      <DialogActions>
        <Button onClick={isAsking ? () => setSure(false) : onClose}>
          {t(isAsking ? 'risk.guard.back' : 'common.cancel')}
        </Button>
        <Button
          look={isAsking && choice === 'close_all' ? 'danger' : 'primary'}
          isBusy={saving.isBusy}
          onClick={() => {
            if (mustAsk && !isSure) setSure(true);
            else saving.save({ guard: chosen, version }, onClose);
          }}
        >
          {t(isAsking ? verbOf(choice, standing.length > 0) : 'common.save')}
        </Button>
      </DialogActions>
    </>
  );
}

/** What the last button says. */
function verbOf(choice: GuardChoice, isAtOnce: boolean) {
  if (!isAtOnce) return 'risk.guard.sureVerb';
  return choice === 'close_all' ? 'risk.guard.sureNowVerb' : 'risk.guard.stopNowVerb';
}

interface ChoiceProps<Value> {
  value: Value;
  onChange: (value: Value) => void;
}

function ActionChoice({ value, onChange }: ChoiceProps<GuardChoice>) {
  const t = useTranslations('risk.guard');
  return (
    <RadioCards
      label={t('what')}
      value={value}
      onChange={onChange}
      cards={CHOICES.map((choice) => ({
        value: choice,
        title: t(`choices.${choice}`),
        hint: t(`choiceHints.${choice}`),
        icon: GUARD_ICONS[choice],
      }))}
    />
  );
}

function MarkChoice({ value, onChange }: ChoiceProps<Mark>) {
  const t = useTranslations();
  return (
    <RadioCards
      isRow
      label={t('risk.guard.when')}
      value={value}
      onChange={onChange}
      cards={MARKS.map((mark) => ({
        value: mark,
        title: t(`riskWords.status.${mark}`),
        hint: t(`risk.guard.marks.${mark}`),
      }))}
    />
  );
}
