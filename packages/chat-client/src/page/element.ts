/** An element of the page by its id; the page is served whole, so it is there. */
export function byId<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

/** A new element; texts only ever become text. */
export function element(
  tag: string,
  className: string,
  ...children: readonly (Node | string)[]
): HTMLElement {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

export function button(className: string, label: string, press: () => void): HTMLElement {
  const made = element("button", className, label) as HTMLButtonElement;
  made.type = "button";
  made.addEventListener("click", press);
  return made;
}
