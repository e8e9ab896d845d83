import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { IconButton } from './button';

const FEEDBACK_MS = 2000;

/** Copies a text and says so. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const t = useTranslations('common');
  const [isCopied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    await writeClipboard(text);
    setCopied(true);
    setTimeout(() => setCopied(false), FEEDBACK_MS);
  }

  return (
    <>
      <IconButton
        icon={isCopied ? Check : Copy}
        label={t('copyNamed', { what })}
        onClick={() => void copy()}
      />
      <span role="status" className="sr-only">
        {isCopied ? t('copied') : ''}
      </span>
    </>
  );
}

/** The clipboard exists on https and localhost only; elsewhere the old way works. */
async function writeClipboard(text: string): Promise<void> {
  if (navigator.clipboard) return await navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  // Inside the dialog, if there is one: it holds the focus.
  const parent = document.activeElement?.parentElement ?? document.body;
  parent.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
