/** Three sails on one hull. The name stands beside it. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg aria-hidden="true" width={size} height={size} viewBox="0 0 32 32" className="shrink-0">
      <rect width="32" height="32" rx="7" className="fill-accent-fill" />
      <path d="M8 20.500 13 8v12.500H8Zm7 0V11l5 9.500h-5Zm7 0v-6l3 6h-3Z" fill="#fff" />
      <path d="M6 23h20l-2 3H8l-2-3Z" fill="#fff" opacity=".85" />
    </svg>
  );
}
