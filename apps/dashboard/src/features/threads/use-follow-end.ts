import { useCallback, useEffect, useRef, useState } from "react";

const nearEndPx = 60;

export interface FollowEnd {
  /** Goes on the element that scrolls. */
  readonly scroller: React.RefObject<HTMLDivElement | null>;
  /** Goes on the element inside it that grows. */
  readonly content: React.RefObject<HTMLDivElement | null>;
  readonly atEnd: boolean;
  readonly goToEnd: () => void;
}

/** Keeps a reader who is at the end at the end; one who has scrolled up is left where they are. */
export function useFollowEnd(): FollowEnd {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);
  const goToEnd = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    const element = scroller.current;
    element?.scrollTo({ top: element.scrollHeight });
  }, []);
  useEffect(() => {
    const element = scroller.current;
    const inner = content.current;
    if (element === null || inner === null) return undefined;
    const onScroll = (): void => {
      const near = element.scrollHeight - element.scrollTop - element.clientHeight < nearEndPx;
      following.current = near;
      setAtEnd(near);
    };
    const observer = new ResizeObserver(() => {
      if (following.current) element.scrollTo({ top: element.scrollHeight });
    });
    observer.observe(inner);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, []);
  return { scroller, content, atEnd, goToEnd };
}
