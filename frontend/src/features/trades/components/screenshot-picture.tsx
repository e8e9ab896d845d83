import { useQuery } from '@tanstack/react-query';
import { ImageOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { screenshotQuery } from '../screenshots';

/** An address of what is in memory, given back once it is no longer shown. */
function useAddress(content: Blob | undefined): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    if (!content) return;
    const made = URL.createObjectURL(content);
    setAddress(made);
    return () => {
      setAddress(undefined);
      URL.revokeObjectURL(made);
    };
  }, [content]);
  return address;
}

interface ShownProps {
  name: string;
  /** As large as there is room for; otherwise cut to fill its place. */
  isWhole?: boolean;
}

interface PictureProps extends ShownProps {
  tradeId: string;
  id: string;
}

/** One picture, read with the token: an address alone would not be answered. */
export function ScreenshotPicture({ tradeId, id, ...shown }: PictureProps) {
  const picture = useQuery(screenshotQuery(tradeId, id));
  return <Picture content={picture.data} isMissing={picture.isError} {...shown} />;
}

interface ContentProps extends ShownProps {
  /** None yet. */
  content: Blob | undefined;
  /** It does not come. */
  isMissing?: boolean;
}

/** A picture that is in memory. */
export function Picture({ content, isMissing = false, name, isWhole = false }: ContentProps) {
  const t = useTranslations('screenshots');
  const address = useAddress(content);
  const [isBroken, setBroken] = useState(false);
  const place = isWhole ? 'h-[min(70dvh,40rem)] w-full' : 'size-full';
  if (isMissing || isBroken) {
    return (
      <span
        className={`flex flex-col items-center justify-center gap-1 p-2 text-center text-muted text-sm ${place}`}
      >
        <ImageOff aria-hidden size={16} />
        {t('unseen')}
      </span>
    );
  }
  if (!address) {
    return <span aria-hidden className={`block animate-pulse bg-surface-2 ${place}`} />;
  }
  return (
    <img
      src={address}
      alt={name}
      onError={() => setBroken(true)}
      className={`${place} ${isWhole ? 'object-contain' : 'object-cover'}`}
    />
  );
}
