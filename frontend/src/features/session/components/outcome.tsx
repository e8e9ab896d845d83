import { CircleCheck, Unlink } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslations } from 'use-intl';

interface OutcomeProps {
  title: string;
  text: string;
  /** The one thing to do now. */
  next: ReactNode;
  isBad?: boolean;
}

/** What became of it, in place of the form. */
export function Outcome({ title, text, next, isBad = false }: OutcomeProps) {
  const Icon = isBad ? Unlink : CircleCheck;
  return (
    <div role={isBad ? 'alert' : 'status'} className="flex flex-col items-start gap-2">
      <p className="flex items-center gap-2 font-medium">
        <Icon aria-hidden size={20} className={isBad ? 'text-negative' : 'text-safe'} />
        {title}
      </p>
      <p className="mb-2 text-pretty text-muted [overflow-wrap:anywhere]">{text}</p>
      {next}
    </div>
  );
}

/** A link that leads nowhere any more, and how to get another one. */
export function BrokenLink({ next }: { next: ReactNode }) {
  const t = useTranslations('recovery.broken');
  return <Outcome isBad title={t('title')} text={t('text')} next={next} />;
}
