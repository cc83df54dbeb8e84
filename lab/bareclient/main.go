// A bare client: what a storm costs when nothing has to be found out, decided or remembered. It is the reference of make storm.
//
// It informs itself about all pods by one watch, and does what its standard input says, one word a line:
//
//	cordon   patches every node with -nodes
//	evict    evicts every pod in -namespace that it knows of
//	list     lists all nodes, in pages
//
// It writes "ready PODS" when it knows the pods, and "cordoned DONE FAILED", "evicted DONE FAILED" or "listed NODES MILLISECONDS" when it is
// done. It ends with its standard input.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"sync"
	"sync/atomic"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	corelisters "k8s.io/client-go/listers/core/v1"
	"k8s.io/client-go/tools/clientcmd"
)

// How long a pod waits that a budget protects.
const blocked = time.Second

type bareClient struct {
	api       kubernetes.Interface
	pods      corelisters.PodLister
	namespace string
	nodes     string
	inFlight  int
}

func main() {
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	namespace := flag.String("namespace", "", "where the pods are that are evicted")
	nodes := flag.String("nodes", "", "label selector of the nodes that are patched")
	inFlight := flag.Int("in-flight", 64, "requests at the same time")
	flag.Parse()

	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		log.Fatal(err)
	}
	config.QPS = -1 // no limit of our own
	config.UserAgent = "bareclient"
	api, err := kubernetes.NewForConfig(config)
	if err != nil {
		log.Fatal(err)
	}
	factory := informers.NewSharedInformerFactory(api, 0)
	pods := factory.Core().V1().Pods()
	informer := pods.Informer()
	factory.Start(context.Background().Done())
	factory.WaitForCacheSync(context.Background().Done())
	fmt.Println("ready", len(informer.GetStore().ListKeys()))

	client := bareClient{api, pods.Lister(), *namespace, *nodes, *inFlight}
	for words := bufio.NewScanner(os.Stdin); words.Scan(); {
		switch words.Text() {
		case "cordon":
			done, failed := client.cordonAll()
			fmt.Println("cordoned", done, failed)
		case "evict":
			done, failed := client.evictAll()
			fmt.Println("evicted", done, failed)
		case "list":
			start := time.Now()
			nodes := client.listAll()
			fmt.Println("listed", nodes, time.Since(start).Milliseconds())
		default:
			log.Fatalf("neither cordon nor evict nor list: %s", words.Text())
		}
	}
}

func (c bareClient) cordonAll() (done, failed int64) {
	nodes, err := c.api.CoreV1().Nodes().List(context.Background(), metav1.ListOptions{LabelSelector: c.nodes})
	if err != nil {
		log.Fatal(err)
	}
	return forEach(c.inFlight, nodes.Items, c.cordon)
}

func (c bareClient) cordon(node corev1.Node) error {
	_, err := c.api.CoreV1().Nodes().Patch(context.Background(), node.Name, types.StrategicMergePatchType,
		[]byte(`{"spec":{"unschedulable":true}}`), metav1.PatchOptions{})
	return err
}

// So many a page as kubectl asks for.
const page = 500

func (c bareClient) listAll() (nodes int) {
	options := metav1.ListOptions{Limit: page}
	for {
		list, err := c.api.CoreV1().Nodes().List(context.Background(), options)
		if err != nil {
			log.Fatal(err)
		}
		nodes += len(list.Items)
		if list.Continue == "" {
			return nodes
		}
		options.Continue = list.Continue
	}
}

func (c bareClient) evictAll() (done, failed int64) {
	pods, err := c.pods.Pods(c.namespace).List(labels.Everything())
	if err != nil {
		log.Fatal(err)
	}
	return forEach(c.inFlight, pods, c.evict)
}

// Asks until the answer is a yes, the pod is gone, or the request fails.
func (c bareClient) evict(pod *corev1.Pod) error {
	eviction := &policyv1.Eviction{
		ObjectMeta:    metav1.ObjectMeta{Name: pod.Name, Namespace: pod.Namespace},
		DeleteOptions: &metav1.DeleteOptions{Preconditions: metav1.NewUIDPreconditions(string(pod.UID))},
	}
	for {
		err := c.api.CoreV1().Pods(pod.Namespace).EvictV1(context.Background(), eviction)
		switch {
		case apierrors.IsTooManyRequests(err):
			time.Sleep(blocked)
		case apierrors.IsNotFound(err), apierrors.IsConflict(err):
			return nil
		default:
			return err
		}
	}
}

// Does it to each, so many at the same time.
func forEach[T any](inFlight int, all []T, do func(T) error) (done, failed int64) {
	var succeeded, refused atomic.Int64
	work := make(chan T)
	var workers sync.WaitGroup
	for range inFlight {
		workers.Go(func() {
			for one := range work {
				if err := do(one); err != nil {
					log.Print(err)
					refused.Add(1)
				} else {
					succeeded.Add(1)
				}
			}
		})
	}
	for _, one := range all {
		work <- one
	}
	close(work)
	workers.Wait()
	return succeeded.Load(), refused.Load()
}
