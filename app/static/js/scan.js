// Scanning into a field of a form: by WeChat inside WeChat, else by the camera where the browser reads codes.
"use strict";
(() => {
  const buttons = () => [...document.querySelectorAll("[data-scan-start]")];
  const canDetect = "BarcodeDetector" in window && navigator.mediaDevices;

  const give = (form, text) => {
    const video = form.querySelector("[data-scan]");
    form.querySelector(video.dataset.scan).value = text;
    form.requestSubmit();
  };
  const byWeChat = async (form) => {
    const wx = await window.wechat;
    wx.scanQRCode({ needResult: 1, scanType: ["qrCode", "barCode"], success: (answer) => give(form, answer.resultStr) });
  };
  const stop = (video) => {
    video.srcObject?.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
  };
  const byCamera = async (form) => {
    const video = form.querySelector("[data-scan]");
    if (video.srcObject) return stop(video);
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.hidden = false;
    await video.play();
    const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
    let last = "";
    const look = async () => {
      if (!video.srcObject) return;
      const [found] = await detector.detect(video).catch(() => []);
      if (found && found.rawValue !== last) {
        last = found.rawValue;
        give(form, last);
        setTimeout(() => { last = ""; }, 3000);
      }
      setTimeout(look, 200);
    };
    return look();
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-scan-start]");
    if (!button) return;
    (window.wechat ? byWeChat : byCamera)(button.closest("form")).catch(() => { button.hidden = true; });
  });
  addEventListener("DOMContentLoaded", () => {
    for (const button of buttons()) button.hidden = !window.wechat && !canDetect;
  });
})();
