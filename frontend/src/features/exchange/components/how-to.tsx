import { Link } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { Steps } from '@/components/ui/steps';
import { Addresses } from './addresses';

const STEPS = ['open', 'create', 'permissions', 'withdraw', 'address', 'copy'] as const;
const NOTES = ['sealed', 'never', 'scope', 'stop'] as const;

/** Beside the form: how a key is made, to what it is bound, and what becomes of the secret. */
export function HowTo({ addresses }: { addresses: readonly string[] }) {
  const t = useTranslations('connect');
  // On a phone it would push the form out of sight.
  const [isRoomy] = useState(() => matchMedia('(min-width: 40rem)').matches);
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <details open={isRoomy}>
        <summary className="min-h-9 cursor-pointer font-medium touch:min-h-11">
          {t('howTo')}
        </summary>
        <Steps steps={STEPS.map((step) => t(`steps.${step}`))} />
        <p className="mt-3">
          <Link to="/guides/bingx" className="text-accent text-sm hover:underline">
            {t('more')}
          </Link>
        </p>
      </details>
      <Addresses addresses={addresses} />
      <details>
        <summary className="min-h-9 cursor-pointer font-medium touch:min-h-11">
          <ShieldCheck aria-hidden size={16} className="mr-1.5 inline text-safe" />
          {t('security.title')}
        </summary>
        <ul className="flex list-disc flex-col gap-1.5 pl-5 text-sm">
          {NOTES.map((note) => (
            <li key={note} className="text-pretty">
              {t(`security.${note}`)}
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}
