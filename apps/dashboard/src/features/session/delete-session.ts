import { api } from "../../api.ts";

/** `DELETE /api/v1/session`: signs this browser out and forgets all that the page holds. */
export async function deleteSession(): Promise<void> {
  await api.session.delete();
  location.assign("/sign-in");
}
