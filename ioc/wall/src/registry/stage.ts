/** A part that needs the whole width puts list and map aside. Returns what brings them back. */
export function useWide(): () => void {
  const page = document.getElementById("page");
  page?.toggleAttribute("data-wide", true);
  return () => page?.toggleAttribute("data-wide", false);
}
