import { ButtonLink } from "../ui/button.tsx";
import { Empty } from "../ui/feedback.tsx";

export default function NotFound() {
  return (
    <main className="alone">
      <Empty
        icon="search"
        title="There is no such page"
        actions={
          <ButtonLink variant="primary" href="/">
            To the overview
          </ButtonLink>
        }
      >
        The address leads nowhere. The fleet is not affected.
      </Empty>
    </main>
  );
}
