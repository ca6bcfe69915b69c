// A link or button with data-dialog="ID" opens that dialog; without this script the link leads to the page that asks the same.

document.addEventListener('click', (event) => {
  const opener = event.target.closest('[data-dialog]');
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    opener.closest('details.menu')?.removeAttribute('open');
    dialog.showModal();
    return;
  }
  if (event.target.closest('[data-close-dialog]')) event.target.closest('dialog').close();
  // A click on the backdrop is a click on the dialog itself, outside its content.
  else if (event.target instanceof HTMLDialogElement) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});
