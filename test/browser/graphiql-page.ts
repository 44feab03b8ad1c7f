/** GraphiQL as somebody uses it who looks, clicks and types. */
import type { Browser, Page } from 'playwright-core';

export interface GraphiQLPage {
  readonly page: Page;
  /** Every URL that the page asked for. */
  readonly requests: readonly string[];
  /** Every WebSocket that it opened. */
  readonly sockets: readonly { readonly url: string; readonly sent: string[]; readonly received: string[] }[];
  /** Every error that it threw or wrote to the console. */
  readonly errors: readonly string[];
  openTab(name: string): Promise<void>;
  /** @param name of the operation. */
  writeQuery(name: string, text: string): Promise<void>;
  writeHeaders(text: string): Promise<void>;
  /** Runs the operation, or stops the one that runs. */
  pressRun(): Promise<void>;
  /** What the result pane shows. */
  result(): Promise<string>;
}

/** @param url of the server, without a path. */
export async function openGraphiQL(browser: Browser, url: string): Promise<GraphiQLPage> {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'light',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const requests: string[] = [];
  const sockets: { url: string; sent: string[]; received: string[] }[] = [];
  const errors: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
  page.on('websocket', (webSocket) => {
    const socket = { url: webSocket.url(), sent: [] as string[], received: [] as string[] };
    sockets.push(socket);
    webSocket.on('framesent', ({ payload }) => socket.sent.push(payload.toString()));
    webSocket.on('framereceived', ({ payload }) => socket.received.push(payload.toString()));
  });
  await page.goto(`${url}/graphql`);
  await page.locator('.graphiql-tab-button').first().waitFor();

  /** GraphiQL looks at what is in the editor a little later, and then keeps the tab: only now it would run it. */
  function hasRead(name: string, timeoutMs: number): Promise<boolean> {
    const read = page.waitForFunction(
      (operation) => {
        const { tabs, activeTabIndex } = JSON.parse(
          localStorage.getItem('graphiql:tabState') ?? '{"tabs":[]}',
        ) as {
          tabs: { title: string }[];
          activeTabIndex: number;
        };
        return tabs[activeTabIndex]?.title === operation;
      },
      name,
      { timeout: timeoutMs },
    );
    return read.then(
      () => true,
      () => false,
    );
  }

  /** Pastes it, since the editor closes quotes and brackets of what is typed. */
  async function write(section: string, text: string): Promise<void> {
    await page.locator(`section[aria-label="${section}"] .graphiql-editor:not(.hidden) .view-lines`).click();
    await page.evaluate((pasted) => navigator.clipboard.writeText(pasted), text);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.press('ControlOrMeta+V');
  }

  return {
    page,
    requests,
    sockets,
    errors,
    async openTab(name) {
      // A click that comes before the page is complete is lost.
      for (let attempt = 1; attempt <= 10; attempt++) {
        await page.locator('.graphiql-tab-button', { hasText: name }).click();
        if (await hasRead(name, 2_000)) return;
      }
      throw new Error(`The tab ${name} does not open`);
    },
    async writeQuery(name, text) {
      await write('Operation Editor', text);
      if (!(await hasRead(name, 10_000))) throw new Error(`The operation ${name} is not taken`);
    },
    writeHeaders: (text) => write('Headers', text),
    pressRun: () => page.locator('.graphiql-execute-button').click(),
    async result() {
      const lines = await page.locator('.result-window .view-lines').innerText();
      return lines.replaceAll('\u00a0', ' ');
    },
  };
}
