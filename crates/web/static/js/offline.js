// The page that is shown without a line: it asks for the page that was wanted as soon as there is one again.

/** How often to ask: some networks come back without a word. */
const AGAIN_MS = 15_000;

async function goOn() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store" });
    if (answer.ok && location.pathname !== "/offline") location.reload();
    else if (answer.ok) location.replace("/");
  } catch {
    // Still without a line.
  }
}

window.addEventListener("online", () => void goOn());
setInterval(() => {
  if (!document.hidden) void goOn();
}, AGAIN_MS);
