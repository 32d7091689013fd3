// Keeps the name somebody chose in this browser, so that a reload or a link does not lose it.

const SECONDS_KEPT = 60 * 60 * 24 * 30;

export default function ({ data }) {
  const value = encodeURIComponent(data.name);
  const seconds = data.name ? SECONDS_KEPT : 0;
  document.cookie = `${data.cookie}=${value}; path=/; max-age=${seconds}; SameSite=Lax`;
}
