export function CopyPage() {
  return null;
}
