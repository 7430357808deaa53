// What the theme leaves unsaid for people who listen to a page.

document.addEventListener("DOMContentLoaded", () => {
  for (const summary of document.querySelectorAll(".bd-sidebar-primary details > summary")) {
    const link = summary.closest("li").querySelector("a");
    summary.setAttribute("aria-label", `The pages of ${link.textContent.trim()}`);
  }
  const sidebar = document.querySelector(".bd-sidebar-primary");
  if (sidebar) {
    sidebar.setAttribute("role", "region");
    sidebar.setAttribute("aria-label", "Overview");
  }
});
