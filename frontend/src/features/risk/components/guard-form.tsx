import { useState } from 'react';
import { useTranslations } from 'use-intl';
import type { Guard } from '@/api/types';
import { ProblemText } from '@/components/problem';
import { Button } from '@/components/ui/button';
import { Dialog, DialogActions } from '@/components/ui/dialog';
import { RadioCards } from '@/components/ui/radio-cards';
import { CHOICES, GUARD_ICONS, type GuardChoice, MARKS, type Mark, markOf } from '../guard-looks';
import type { GuardPlace } from '../guard-queries';

/** How the guard of a place is saved. */
export interface Saving {
  isBusy: boolean;
  error: Error | null;
  save: (guard: Guard | null, onSaved: () => void) => void;
}

interface GuardDialogProps {
  isOpen: boolean;
  place: GuardPlace;
  guard: Guard | null;
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

function Form({ place, guard, saving, onClose }: FormProps) {
  const t = useTranslations();
  const [choice, setChoice] = useState<GuardChoice>(guard?.action ?? 'off');
  const [mark, setMark] = useState<Mark>(markOf(guard));
  const [isSure, setSure] = useState(false);
  const chosen: Guard | null = choice === 'off' ? null : { status: mark, action: choice };
  const isNewClose = choice === 'close_all' && guard?.action !== 'close_all';
  const isAsking = isNewClose && isSure;
  const save = () => saving.save(chosen, onClose);
  return (
    <>
      {isAsking ? (
        <div role="alert" className="flex flex-col gap-2 text-pretty">
          <p className="font-medium">
            {t(`risk.guard.sure.${place.scope}`, {
              name: place.name,
              status: t(`riskWords.status.${mark}`),
            })}
          </p>
          <p>{t('risk.guard.sureHint')}</p>
        </div>
      ) : (
        <div className="flex flex-col gap-5">
          <ActionChoice value={choice} onChange={setChoice} />
          {choice !== 'off' && <MarkChoice value={mark} onChange={setMark} />}
          {(choice === 'stop_new' || choice === 'close_all') && (
            <p className="text-muted text-pretty text-sm">{t('risk.guard.blind')}</p>
          )}
        </div>
      )}
      <ProblemText error={saving.error} />
      <DialogActions>
        <Button onClick={isAsking ? () => setSure(false) : onClose}>
          {t(isAsking ? 'risk.guard.back' : 'common.cancel')}
        </Button>
        <Button
          look={isAsking ? 'danger' : 'primary'}
          isBusy={saving.isBusy}
          onClick={isNewClose && !isSure ? () => setSure(true) : save}
        >
          {t(isAsking ? 'risk.guard.sureVerb' : 'common.save')}
        </Button>
      </DialogActions>
    </>
  );
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
