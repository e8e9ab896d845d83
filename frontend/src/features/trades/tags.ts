/** Tags are written with commas between them. */
export function tagsOf(text: string): string[] {
  const tags = text.split(/[,;]/).map((tag) => tag.trim());
  return [...new Set(tags)].filter((tag) => tag !== '');
}
