import { useTranslations } from 'use-intl';
import { CopyButton } from '@/components/ui/copy-button';

/** From where this server calls the exchange: what a key is bound to. */
export function Addresses({ addresses }: { addresses: readonly string[] }) {
  const t = useTranslations('connect');
  if (addresses.length === 0) return <p className="text-muted text-sm">{t('addressUnknown')}</p>;
  return (
    <dl className="divide-y divide-line rounded-card border border-line">
      {addresses.map((address, place) => {
        const name =
          addresses.length > 1 ? t('addressNumber', { number: place + 1 }) : t('address');
        return (
          <div key={address} className="flex items-center justify-between gap-2 pl-3">
            <dt className="text-muted">{name}</dt>
            <dd className="flex min-w-0 items-center font-mono text-sm">
              <span className="min-w-0 [overflow-wrap:anywhere]">{address}</span>
              <CopyButton text={address} what={name} />
            </dd>
          </div>
        );
      })}
    </dl>
  );
}
