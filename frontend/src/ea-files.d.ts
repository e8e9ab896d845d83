/** Made by the build from the files themselves. */
declare module 'virtual:ea-files' {
  interface EaFile {
    address: string;
    bytes: number;
    sha256: string;
  }

  export const eaFiles: Record<'FlotillaReporter.mq4' | 'FlotillaReporter.mq5', EaFile>;
}
