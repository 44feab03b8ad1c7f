/**
 * Saves a text as a file while it is made: piece by piece into the file where the browser can do that, and otherwise
 * collected in a Blob, which browsers keep outside of the page's memory.
 */

/**
 * Resolves to false when the user chose no file. Call it for a click, as browsers let the user choose a file only then.
 * @param signal its abort ends it; no file is left then.
 */
export async function saveText({ name, mediaType, text }: TextFile, signal: AbortSignal): Promise<boolean> {
  const sink = await openSink(name, mediaType);
  if (sink === null) return false;
  try {
    for await (const piece of until(signal, text)) await sink.write(piece);
    await sink.close();
    return true;
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

export interface TextFile {
  readonly name: string;
  readonly mediaType: string;
  /** In pieces. */
  readonly text: AsyncIterator<string>;
}

interface Sink {
  write(piece: string): Promise<void>;
  close(): Promise<void>;
  abort(): Promise<void>;
}

/** Chromium has it; TypeScript does not know it. */
interface FilePicker {
  showSaveFilePicker(options: {
    suggestedName: string;
    types: { accept: Record<string, string[]> }[];
  }): Promise<FileSystemFileHandle>;
}

/** So long a browser may take to start with a download, milliseconds. */
const DOWNLOAD_STARTS_WITHIN_MS = 60_000;

async function openSink(name: string, mediaType: string): Promise<Sink | null> {
  const { showSaveFilePicker } = globalThis as Partial<FilePicker>;
  if (showSaveFilePicker === undefined) return blobSink(name, mediaType);
  const ending = name.slice(name.lastIndexOf('.'));
  try {
    const handle = await showSaveFilePicker({
      suggestedName: name,
      types: [{ accept: { [mediaType]: [ending] } }],
    });
    return await handle.createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    // Browsers that have it may not allow it.
    return blobSink(name, mediaType);
  }
}

function blobSink(name: string, mediaType: string): Sink {
  const pieces: Blob[] = [];
  return {
    async write(piece) {
      pieces.push(new Blob([piece]));
    },
    async close() {
      const url = URL.createObjectURL(new Blob(pieces, { type: mediaType }));
      const link = document.createElement('a');
      link.href = url;
      link.download = name;
      link.click();
      setTimeout(() => {
        URL.revokeObjectURL(url);
      }, DOWNLOAD_STARTS_WITHIN_MS);
    },
    async abort() {
      pieces.length = 0;
    },
  };
}

/** What is waited for when the signal comes is not waited for any more. */
async function* until<Value>(signal: AbortSignal, values: AsyncIterator<Value>): AsyncGenerator<Value> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
  // When it comes too late nobody waits for it.
  aborted.catch(() => undefined);
  for (;;) {
    const result = await Promise.race([values.next(), aborted]);
    if (result.done === true) return;
    yield result.value;
  }
}
