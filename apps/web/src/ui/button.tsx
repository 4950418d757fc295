import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { cx } from "./cx.ts";
import { Icon, type IconName } from "./icon.tsx";

interface Look {
  variant?: "primary" | "promote" | "danger" | "danger solid" | "ghost" | undefined;
  size?: "sm" | undefined;
  icon?: IconName | undefined;
  /** Only the icon is drawn; give `aria-label`. */
  square?: boolean | undefined;
}

interface ButtonProps extends Omit<ComponentProps<"button">, "disabled">, Look {
  /** Under way: keeps its width and label. */
  busy?: boolean | undefined;
  /** Cannot be used now. Stays focusable; say why beside it. */
  locked?: boolean | undefined;
  children?: ReactNode;
}

const classes = ({ variant, size, square }: Look, more?: string) =>
  cx("btn", variant, size, square && "icon", more);

export function Button({
  variant,
  size,
  icon,
  square,
  busy,
  locked,
  className,
  children,
  onClick,
  type,
  ...rest
}: ButtonProps) {
  const off = locked === true || busy === true;
  return (
    <button
      {...rest}
      type={type ?? "button"}
      className={cx(
        classes({ variant: locked ? undefined : variant, size, square }, className),
        busy && "loading",
      )}
      aria-busy={busy || undefined}
      aria-disabled={off || undefined}
      onClick={(event) => {
        if (off) event.preventDefault();
        else onClick?.(event);
      }}
    >
      {busy ? <Icon name="st-run" /> : locked ? <Icon name="lock" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export function ButtonLink({
  variant,
  size,
  icon,
  square,
  className,
  children,
  ...rest
}: ComponentProps<typeof Link> & Look) {
  return (
    <Link {...rest} className={classes({ variant, size, square }, className)}>
      {icon && <Icon name={icon} />}
      {children}
    </Link>
  );
}

/** Keys to press, drawn as keys. */
export const Keys = ({ of }: { of: readonly string[] }) => (
  <span className="keys" aria-hidden="true">
    {of.map((key) => (
      <kbd key={key}>{key}</kbd>
    ))}
  </span>
);
