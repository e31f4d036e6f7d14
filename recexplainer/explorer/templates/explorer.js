// Keeps the focus where it was when a part of the page is drawn anew; arrow keys; back and forward.
let focused = null;
document.addEventListener("focusin", (event) => {
  focused = event.target.closest("[data-key]")?.dataset.key ?? null;
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.closest("[data-key]")) focused = null;
});
new MutationObserver(() => {
  if (focused === null || document.activeElement !== document.body) return;
  document.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
}).observe(document, { childList: true, subtree: true });
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("button.row");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!row || !step) return;
  const rows = [...row.closest("ol").querySelectorAll("button.row")];
  rows[rows.indexOf(row) + step]?.focus();
  event.preventDefault();
});
window.addEventListener("popstate", () => {
  emitEvent("recx-address", location.pathname + location.search);
});
