/** Small choices kept in this browser. Storage may be forbidden; then they last as long as the page. */

const memory = new Map<string, string>();

export function preference(name: string): string | null {
  try {
    return localStorage.getItem(`penstock.${name}`);
  } catch {
    return memory.get(name) ?? null;
  }
}

export function prefer(name: string, value: string): void {
  try {
    localStorage.setItem(`penstock.${name}`, value);
  } catch {
    memory.set(name, value);
  }
}
