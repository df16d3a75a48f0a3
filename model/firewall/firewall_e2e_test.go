//go:build e2e

package firewall

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"doorman/model"
)

// The programs themselves read what is written for them, with rules and
// without, and twice.
func TestRealPrograms(t *testing.T) {
	dir := t.TempDir()
	long := append(rules(), rule(model.Block, "192.88.99.0/24", 290*365*24*time.Hour))
	for _, c := range []struct {
		name  string
		rules []model.Rule
	}{{"rules", rules()}, {"long", long}, {"none", nil}} {
		t.Run(c.name, func(t *testing.T) {
			file := func(f Format) string {
				path := filepath.Join(dir, c.name+"."+string(f))
				out, err := os.Create(path)
				if err == nil {
					err = Write(out, f, c.rules, now)
				}
				if err == nil {
					err = out.Close()
				}
				if err != nil {
					t.Fatal(err)
				}
				return path
			}
			sets := file(NFTables)
			// In a network namespace of its own nothing of the machine changes.
			check(t, "unshare", "--user", "--map-root-user", "--net", "sh", "-ec",
				`nft -c -f "$0"; nft -f "$0"; nft -f "$0"; nft list table inet doorman`, sets)
			conf := filepath.Join(dir, c.name+".conf")
			write(t, conf, fmt.Sprintf(`error_log stderr; pid %[1]s/nginx.pid; events {}
				http { include %[2]s; access_log off; client_body_temp_path %[1]s;
				server { listen 127.0.0.1:1; location / { include %[3]s; if ($doorman_blocked) { return 403; } } } }`,
				dir, file(NginxGeo), file(Nginx)))
			check(t, "nginx", "-t", "-q", "-c", conf)
			cfg := filepath.Join(dir, c.name+".cfg")
			write(t, cfg, fmt.Sprintf("defaults\n mode http\n timeout client 1s\n timeout server 1s\n timeout connect 1s\n"+
				"frontend f\n bind 127.0.0.1:1\n http-request deny if { src,map_ip(%s,allow) -m str block }\n", file(HAProxy)))
			check(t, "haproxy", "-c", "-f", cfg)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func check(t *testing.T, name string, args ...string) {
	t.Helper()
	c := exec.Command(name, args...)
	c.Env = append(os.Environ(), "PATH="+os.Getenv("PATH")+":/usr/sbin:/sbin")
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", name, err, out)
	} else {
		t.Logf("%s: %s", name, out)
	}
}
